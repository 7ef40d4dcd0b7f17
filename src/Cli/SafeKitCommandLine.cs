using System.CommandLine;
using SafeKit.Cli.Commands;
using SafeKit.Core;
using SafeKit.Core.Control;

namespace SafeKit.Cli;

/// <summary>The command <c>safekit</c>: builds the tree of commands, runs one, and turns every failure into one sentence.</summary>
public static class SafeKitCommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new SharedOptions();
        var root = new RootCommand("SafeKit.Net: high availability for ordinary Linux servers.");
        options.AddTo(root);
        foreach (var command in Commands(options))
            root.Subcommands.Add(command);
        var result = root.Parse(SingleDashWords(TrafficCommand.FromSpecial(args)));
        return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false })
            .ContinueWith(task => Outcome(task, args.Contains("--json")), TaskScheduler.Default);
    }

    private static IEnumerable<Command> Commands(SharedOptions options) =>
    [
        ModuleCommands.Action(options, "start", "Start the module; returns when the start has begun (see waitstart)."),
        ModuleCommands.Action(options, "stop", "Stop the module: leave its share to the others first, then stop the application."),
        ModuleCommands.Action(options, "restart", "Run the stop and start scripts without leaving the farm."),
        ModuleCommands.Action(options, "stopstart", "Stop the module completely, then start it again."),
        ModuleCommands.Action(options, "swap", "Exchange the roles of primary and secondary."),
        ModuleCommands.Role(options, "prim", "Make this node the primary, with the data it has: it counts as the good one."),
        ModuleCommands.Action(options, "primforce", "As prim, even where the data may be inconsistent; the other node is copied whole afterwards."),
        ModuleCommands.Role(options, "second", "Make this node the secondary: its data becomes that of the primary."),
        ModuleCommands.Verify(options),
        ModuleCommands.Action(options, "config", "Apply the module's edited configuration (the module must be stopped)."),
        TrafficCommand.Create(options),
        DrainCommand.Create(options),
        ModuleCommands.Action(options, "undrain", "Take new connections again after drain."),
        WaitCommands.WaitStart(options),
        WaitCommands.WaitStop(options),
        WaitCommands.WaitState(options),
        StateCommand.Create(options),
        ConfCheckCommand.Create(options),
        LogCommand.Create(options),
        LevelCommand.Create(options),
        TraceCommand.Create(options),
        VipCommand.Create(options),
        ClusterCommands.Create(options),
        CompletionCommand.Create(),
    ];

    /// <summary><c>-lq</c> is one word to SafeKit's users, but two bundled flags to the parser.</summary>
    private static string[] SingleDashWords(string[] args) =>
        args.Select(a => a == "-lq" ? "--lq" : a).ToArray();

    private static int Outcome(Task<int> task, bool json)
    {
        if (task.IsCompletedSuccessfully)
            return task.Result;
        var failure = task.Exception?.GetBaseException() ?? new OperationCanceledException();
        return Output.Action(new ActionResult(false, Describe(failure)), json);
    }

    private static string Describe(Exception failure) => failure switch
    {
        SafeKitException => failure.Message,
        UnauthorizedAccessException => failure.Message + "; run safekit as root or as a member of the group safekit",
        IOException => failure.Message,
        OperationCanceledException => "interrupted",
        _ => $"internal error, please report it: {failure}",
    };
}
