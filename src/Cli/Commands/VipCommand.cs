using System.CommandLine;
using SafeKit.Core.Control;

namespace SafeKit.Cli.Commands;

/// <summary><c>vip test</c>: which modes of a virtual address work on this network.</summary>
public static class VipCommand
{
    /// <summary>More pairs of nodes than these are printed only where something is missing.</summary>
    private const int PathsMax = 12;

    /// <summary>Longer than the daemon takes at most.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    public static Command Create(SharedOptions options)
    {
        var test = new Command(
            "test",
            "Try which modes (vmac_invisible, vmac_directed) work between all nodes, and recommend one. Disturbs nothing; of one module with -m, "
                + "else of every farm module. Ends with 0 if what is configured works.");
        test.SetAction(async (result, cancel) =>
        {
            using var client = options.ClientOf(result, _limit);
            return Print(await client.VipTestAsync(options.ModuleOrNull(result), cancel), result.GetValue(options.Json));
        });
        return new Command("vip", "Virtual addresses and the network.") { test };
    }

    private static int Print(VipTestAnswer answer, bool json)
    {
        if (json)
            Output.Json(answer, ControlJson.Indented.VipTestAnswer);
        foreach (var report in json ? [] : answer.Reports)
            Print(report);
        return answer.Reports.All(r => r.Ok) ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Print(VipTestReport report)
    {
        Console.WriteLine(
            $"module {report.Module}, address {report.Address}, virtual MAC {report.VirtualMac}, configured: {report.Configured}\n");
        Output.Table(["NODE", "INTERFACE", "MAC", "FILTER"], report.Nodes.Select(NodeRow));
        var shown = report.Paths.Count <= PathsMax ? report.Paths : [.. report.Paths.Where(IsIncomplete).Take(PathsMax)];
        Console.WriteLine();
        if (shown.Count > 0)
            Output.Table(["FROM", "TO", "BROADCAST", "OWN MAC", "UNKNOWN MAC", "VIRTUAL MAC"], shown.Select(PathRow));
        if (shown.Count < report.Paths.Count)
            Console.WriteLine($"... {report.Paths.Count} pairs of nodes in all, {report.Paths.Count(IsIncomplete)} of them not with yes everywhere");
        Console.WriteLine();
        foreach (var verdict in report.Modes)
            Console.WriteLine($"{verdict.Mode,-14} {verdict.Verdict}: {verdict.Reason} (rule={verdict.Rule})");
        Console.WriteLine($"recommended    {report.Recommendation}\n");
    }

    private static IReadOnlyList<string> NodeRow(VipTestNode node) => node.ErrorText.Length > 0
        ? [node.Node, "-", "-", node.ErrorText]
        : [node.Node, node.Interface, node.Mac, node.Filter];

    private static bool IsIncomplete(VipTestPath path) => !(path is { Broadcast: true, Own: true, Unknown: true, Virtual: true });

    private static IReadOnlyList<string> PathRow(VipTestPath path) =>
    [
        path.Sender,
        path.Receiver,
        Word(path.Broadcast),
        Word(path.Own),
        path is { Unknown: false, Promiscuous: true } ? "promiscuous only" : Word(path.Unknown),
        Word(path.Virtual),
    ];

    private static string Word(bool arrived) => arrived ? "yes" : "no";
}
