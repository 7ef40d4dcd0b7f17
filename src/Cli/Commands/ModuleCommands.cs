using System.CommandLine;

namespace SafeKit.Cli.Commands;

/// <summary>Commands that ask the daemon to do one thing to one module (reference section 3.1).</summary>
public static class ModuleCommands
{
    private const string FullSync = "fullsync";

    /// <summary>A comparison of all data takes as long as reading it: nobody is asked to guess that beforehand.</summary>
    private static readonly TimeSpan _verifyTimeout = TimeSpan.FromDays(7);

    public static Command Action(SharedOptions options, string name, string description)
    {
        var identity = new Option<string?>("-i") { Description = "Who asks; counted against maxloop when given" };
        var command = new Command(name, description) { identity };
        command.SetAction((result, cancel) => RunAsync(options, result, name, result.GetValue(identity), full: false, cancel));
        return command;
    }

    /// <summary>A role by order: <c>prim [fullsync]</c>, <c>second [fullsync]</c>.</summary>
    public static Command Role(SharedOptions options, string name, string description)
    {
        var sync = new Argument<string?>(FullSync)
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "Copy everything instead of what differs",
        };
        sync.AcceptOnlyFromAmong(FullSync);
        var command = new Command(name, description) { sync };
        command.SetAction((result, cancel) => RunAsync(options, result, name, null, result.GetValue(sync) is not null, cancel));
        return command;
    }

    public static Command Verify(SharedOptions options)
    {
        var command = new Command("rfsverify", "Compare the replicated directories of both nodes; exit code 1 where they differ.");
        command.SetAction(async (result, cancel) =>
        {
            using var client = options.ClientOf(result, _verifyTimeout);
            var answer = await client.ModuleActionAsync(options.ModuleOf(result), "verify", cancel: cancel);
            return Output.Action(answer, result.GetValue(options.Json));
        });
        return command;
    }

    private static async Task<int> RunAsync(
        SharedOptions options, ParseResult result, string name, string? identity, bool full, CancellationToken cancel)
    {
        using var client = options.ClientOf(result);
        var answer = await client.ModuleActionAsync(options.ModuleOf(result), name, identity, full, cancel);
        return Output.Action(answer, result.GetValue(options.Json));
    }
}
