using SafeKit.Cli;

return await SafeKitCommandLine.RunAsync(args);
