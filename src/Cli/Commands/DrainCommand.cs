using System.CommandLine;
using SafeKit.Core;
using SafeKit.Core.Control;

namespace SafeKit.Cli.Commands;

/// <summary><c>drain</c>: no new connections; shows how many are left and ends when none is.</summary>
public static class DrainCommand
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(200);

    public static Command Create(SharedOptions options)
    {
        var command = new Command(
            "drain",
            "Take no new connections and wait until those that exist have ended; --timeout bounds the wait. "
                + "Ends with 1 if connections are left then: the module stays drained until undrain or stop.");
        command.SetAction(async (result, cancel) =>
        {
            using var client = options.ClientOf(result, TimeSpan.FromSeconds(10));
            var given = result.GetResult(options.TimeoutS) is { Implicit: false };
            var limit = given ? TimeSpan.FromSeconds(result.GetValue(options.TimeoutS)) : TimeSpan.MaxValue;
            return await DrainAsync(client, options.ModulesOf(result, await client.StateAsync(cancel)), limit, result.GetValue(options.Json), cancel);
        });
        return command;
    }

    private static async Task<int> DrainAsync(
        ControlClient client, IReadOnlyList<string> modules, TimeSpan limit, bool json, CancellationToken cancel)
    {
        foreach (var module in modules)
            await client.ModuleActionAsync(module, "drain", cancel: cancel);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var shown = "";
        while (true)
        {
            var drained = (await client.StateAsync(cancel)).Modules.Where(m => modules.Contains(m.Module)).ToList();
            var text = string.Join(", ", drained.Select(Describe));
            if (text != shown && !json)
                Console.WriteLine(text);
            shown = text;
            // A module that was stopped or opened again meanwhile is waited for no longer, but not called drained.
            if (drained.All(m => m.Drain is { Done: true }))
                return Output.Action(new ActionResult(true, $"{string.Join(", ", modules)} drained: no connection is left"), json);
            if (watch.Elapsed > limit || drained.Any(m => m.Drain is null && watch.Elapsed > TimeSpan.FromSeconds(5)))
                return Output.Action(new ActionResult(false, $"not drained: {text}; safekit undrain takes new connections again"), json);
            await Task.Delay(_interval, cancel);
        }
    }

    private static string Describe(ModuleState module) => module.Drain switch
    {
        null => $"{module.Module}: not drained ({module.State} {module.Status})",
        { Done: true } => $"{module.Module}: no connection left",
        { Connections: { } left } => $"{module.Module}: {left} connection(s) left",
        _ => $"{module.Module}: handing over",
    };
}
