using System.CommandLine;
using System.Diagnostics;
using SafeKit.Core.Control;

namespace SafeKit.Cli.Commands;

/// <summary>
/// <c>traffic open|close</c>: how the scripts of a farm module with <c>scriptcontrol="on"</c> take and give back this node's share
/// (reference section 6.5). SafeKit's own scripts say <c>safekit -r saferpc_send vipd SETGROUPS all all all</c>.
/// </summary>
public static class TrafficCommand
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(50);

    public static Command Create(SharedOptions options)
    {
        var open = new Command("open", "Take this node's share.");
        open.SetAction(async (result, cancel) =>
        {
            using var client = options.ClientOf(result);
            return Output.Action(await client.ModuleActionAsync(options.ModuleOf(result), "open", cancel: cancel), result.GetValue(options.Json));
        });
        var close = new Command(
            "close",
            "Leave this node's share to the others and wait until they serve it and no connection is left, at most --timeout seconds; "
                + "ends with 1 if some are left then.");
        close.SetAction(async (result, cancel) =>
        {
            using var client = options.ClientOf(result);
            var limit = TimeSpan.FromSeconds(result.GetValue(options.TimeoutS));
            return Output.Action(await CloseAsync(client, options.ModuleOf(result), limit, cancel), result.GetValue(options.Json));
        });
        return new Command("traffic", "For the scripts of a module with scriptcontrol=\"on\": open or close its traffic on this node.")
        {
            open,
            close,
        };
    }

    /// <summary>The words of <c>safekit -r</c> that have a command here; others stay as they are.</summary>
    public static string[] FromSpecial(string[] args) => args switch
    {
        ["-r", "saferpc_send", "vipd", "SETGROUPS", "all", "all", "all", .. var rest] => ["traffic", "open", .. rest],
        ["-r", "saferpc_send", "vipd", "SETGROUPS", "none", "none", "none", .. var rest] => ["traffic", "close", .. rest],
        _ => args,
    };

    private static async Task<ActionResult> CloseAsync(ControlClient client, string module, TimeSpan limit, CancellationToken cancel)
    {
        var before = await ClosedAsync(client, module, cancel);
        await client.ModuleActionAsync(module, "close", cancel: cancel);
        if (before is { Connections: null or 0 })
            return new ActionResult(true, $"the traffic of {module} was closed already");
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var closed = await ClosedAsync(client, module, cancel);
            if (closed is { Done: true })
                return new ActionResult(true, $"the traffic of {module} is closed and no connection is left");
            if (watch.Elapsed > limit)
                return new ActionResult(false, $"the traffic of {module} is closed; {closed?.Connections?.ToString() ?? "some"} connection(s) left");
            await Task.Delay(_interval, cancel);
        }
    }

    /// <summary>Null while the traffic is open. A module that is not up has none.</summary>
    private static async Task<DrainState?> ClosedAsync(ControlClient client, string module, CancellationToken cancel) =>
        (await client.StateAsync(cancel)).Modules.FirstOrDefault(m => m.Module == module) is { State: "UP" } running
            ? running.Closed
            : new DrainState(0, Done: true);
}
