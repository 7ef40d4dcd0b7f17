using System.Globalization;
using SafeKit.Core.Control;
using SafeKit.Lab.Topology;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SafeKit.Lab.Mirror.Live;

/// <summary>Draws a picture of the mirror; fits a terminal of 80 columns and 24 lines.</summary>
public static class MirrorScreen
{
    public const int EventsShown = 6;

    private const int TroubleColumns = 30;

    public static IRenderable Draw(MirrorLab lab, MirrorLivePicture picture) => new Rows(
        new Markup($"[bold]SafeKit.Net lab: mirror[/]   PostgreSQL behind {LabAddresses.Virtual4}   primary {picture.Mirror.Primary ?? "-"}"),
        Nodes(lab, picture),
        Summary(picture),
        new Rule().RuleStyle("grey"),
        new Rows(Enumerable.Range(0, EventsShown).Select(line =>
            new Markup(line < picture.Events.Count ? $"[grey]{Markup.Escape(picture.Events[line])}[/]" : " "))),
        new Rule().RuleStyle("grey"),
        Keys(picture));

    private static Table Nodes(MirrorLab lab, MirrorLivePicture picture)
    {
        var table = new Table().Border(TableBorder.Rounded).Expand();
        foreach (var title in new[] { "node", "state", "data", "rule", "trouble" })
            table.AddColumn(title);
        foreach (var node in lab.Nodes)
        {
            var module = picture.Mirror.Modules.GetValueOrDefault(node.Name);
            var mark = node.Name == picture.Selected ? "[bold yellow]>[/]" : " ";
            table.AddRow(
                $"{mark}{node.Name}",
                State(node, module),
                Markup.Escape(module?.Mirror?.Data ?? "-"),
                Markup.Escape(module?.Rule ?? "-"),
                Markup.Escape(Trouble(node, module)));
        }

        return table;
    }

    private static string State(MirrorNode node, ModuleState? module)
    {
        if (!node.IsPowered)
            return "[red]off[/]";
        if (module is null)
            return "[red]no answer[/]";
        var color = module.Status switch { "Ready" => "green", "Transient" => "darkorange", _ => "red" };
        return $"[{color}]{Markup.Escape(module.State)} {Markup.Escape(module.Status)}[/]";
    }

    private static string Trouble(MirrorNode node, ModuleState? module)
    {
        var troubles = new List<string>();
        if (node.IsPowered && !node.IsDaemonRunning)
            troubles.Add("daemon dead");
        if (node.IsSuspended)
            troubles.Add("daemon stopped");
        if (node.IsCableCut)
            troubles.Add("cable cut");
        if (node.IsSecondCableCut)
            troubles.Add("replication lan cut");
        if (module?.ErrorText is { } error)
            troubles.Add(error);
        else if (module?.Mirror?.Remedy is { Length: > 0 } remedy)
            troubles.Add($"type: {remedy}");
        var text = string.Join(", ", troubles);
        return text.Length <= TroubleColumns ? text : text[..(TroubleColumns - 1)] + "…";
    }

    private static Rows Summary(MirrorLivePicture picture)
    {
        var leading = picture.Mirror.Primary is { } primary ? picture.Mirror.Modules[primary]?.Mirror?.Replication : null;
        return new Rows(
            new Markup(
                $"{picture.CommitsPerSecond:0} commits/s, {picture.Confirmed} confirmed in all   last outage [bold]{picture.OutageText}[/]"),
            new Markup(leading is null ? "nothing is replicated" : Replication(leading)),
            new Markup(leading?.Reintegration is { } reintegration ? Reintegration(reintegration, leading.ReintegrationKBs) : " "));
    }

    private static string Replication(ReplicationState replication) => replication.Paired
        ? $"replication {replication.ReplicationKBs:0} KB/s   fsync: own disk {replication.LocalDiskUs / 1000:0.0} ms, "
            + $"network {replication.NetworkUs / 1000:0.0} ms, other disk {replication.RemoteDiskUs / 1000:0.0} ms"
        : $"the other node misses {replication.JournalOperations} operations and {replication.DirtyBytes >> 20} MiB of data";

    private static string Reintegration(ReintegrationState state, double rateKBs) =>
        $"reintegration ({state.Kind}): {state.FilesDone} of {state.FilesKnown} files, {state.BytesCompared >> 20} MiB compared, "
        + $"{state.BytesCopied >> 20} MiB copied, {rateKBs:0} KB/s, {state.SecondsLeft?.ToString("0", CultureInfo.InvariantCulture) ?? "?"} s left";

    private static Markup Keys(MirrorLivePicture picture)
    {
        var faults = string.Join("  ", MirrorFaults.All.Select(fault => $"[bold]{fault.Key}[/] {fault.Help}"));
        return new Markup($"[bold]1-2[/] node ({picture.Selected})  {faults}  [bold]q[/] quit");
    }
}
