using SafeKit.Core.Control;
using SafeKit.Lab.Topology;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SafeKit.Lab.Live;

/// <summary>Draws a picture; fits a terminal of 80 columns and 24 lines.</summary>
public static class LiveScreen
{
    public const int EventsShown = 6;

    private const int TroubleColumns = 22;

    public static IRenderable Draw(ClusterLab lab, LivePicture picture) => new Rows(
        Header(picture),
        Nodes(lab, picture),
        Summary(picture),
        new Rule().RuleStyle("grey"),
        new Rows(Enumerable.Range(0, EventsShown).Select(line =>
            new Markup(line < picture.Events.Count ? $"[grey]{Markup.Escape(picture.Events[line])}[/]" : " "))),
        new Rule().RuleStyle("grey"),
        Keys(lab, picture));

    private static Markup Header(LivePicture picture)
    {
        var membership = picture.Cluster.States.Keys.Order()
            .Select(node => picture.Cluster.Module(node)?.Membership).FirstOrDefault(m => m is { View.Length: > 0 });
        return new Markup($"[bold]SafeKit.Net lab[/]   leader {membership?.Leader ?? "-"}   virtual address {LabAddresses.Virtual4}");
    }

    private static Table Nodes(ClusterLab lab, LivePicture picture)
    {
        var table = new Table().Border(TableBorder.Rounded).Expand();
        foreach (var title in new[] { "node", "state", "share", "req/s", "lease", "trouble" })
            table.AddColumn(title);
        foreach (var node in lab.Nodes)
        {
            var module = picture.Cluster.Module(node.Name);
            var mark = node.Name == picture.Selected ? "[bold yellow]>[/]" : " ";
            table.AddRow(
                $"{mark}{node.Name}",
                State(node, module),
                module?.Shares is [var share, ..] ? $"{share.Percent:0.0} %" : "-",
                $"{picture.Recent.AnswersByNode.GetValueOrDefault(node.Name) / picture.RecentS:0}",
                module?.Membership is { } membership ? $"{membership.LeaseMs:0} ms" : "-",
                Markup.Escape(Trouble(node, module)));
        }

        return table;
    }

    private static string State(LabNode node, ModuleState? module)
    {
        if (!node.IsPowered)
            return "[red]off[/]";
        if (module is null)
            return "[red]no answer[/]";
        var color = module.Status switch { "Ready" => "green", "Transient" => "darkorange", _ => "red" };
        return $"[{color}]{Markup.Escape(module.State)} {Markup.Escape(module.Status)}[/]";
    }

    private static string Trouble(LabNode node, ModuleState? module)
    {
        var troubles = new List<string>();
        if (node.IsPowered && !node.IsDaemonRunning)
            troubles.Add("daemon dead");
        if (node.IsSuspended)
            troubles.Add("daemon stopped");
        if (node.IsCableCut)
            troubles.Add("cable cut");
        if (node.IsNginxBroken)
            troubles.Add("nginx broken");
        if (module?.ErrorText is { } error)
            troubles.Add(error);
        var text = string.Join(", ", troubles);
        return text.Length <= TroubleColumns ? text : text[..(TroubleColumns - 1)] + "…";
    }

    private static Rows Summary(LivePicture picture)
    {
        var outage = picture.LastOutage.Unanswered == 0
            ? "none yet"
            : $"{picture.LastOutage.Seconds:0.000} s without an answer{(picture.LastOutage.Over ? "" : ", going on")}";
        var errors = picture.Total.Failures == 0 ? "[green]0 errors[/]" : $"[red]{picture.Total.Failures} errors[/]";
        return new Rows(
            new Markup(
                $"{picture.Recent.Answers / picture.RecentS:0} requests/s   p50 {picture.Recent.PercentileMs(0.5):0.0} ms   "
                + $"p99 {picture.Recent.PercentileMs(0.99):0.0} ms   {errors}"),
            new Markup($"last failover: [bold]{outage}[/]   {picture.Total.Answers} answers, {picture.DoubleAnswers} twice"));
    }

    private static Markup Keys(ClusterLab lab, LivePicture picture)
    {
        var faults = string.Join("  ", NodeFaults.All.Select(fault => $"[bold]{fault.Key}[/] {fault.Help}"));
        return new Markup($"[bold]1-{lab.Nodes.Count}[/] node ({picture.Selected})  {faults}  [bold]q[/] quit");
    }
}
