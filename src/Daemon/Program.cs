using SafeKit.Daemon;

return await DaemonProgram.RunAsync(args);
