using System.CommandLine;
using SafeKit.Lab;

// Signals are handled by the commands, in their own time: taking a lab down must not be cut short.
return await LabCommands.Build().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
