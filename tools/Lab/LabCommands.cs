using System.CommandLine;
using SafeKit.Core;
using SafeKit.Lab.Live;
using SafeKit.Lab.Load;
using SafeKit.Lab.Mirror;
using SafeKit.Lab.Mirror.Live;
using SafeKit.Lab.Mirror.Story;
using SafeKit.Lab.Story;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab;

/// <summary>The command line of safekit-lab.</summary>
internal static class LabCommands
{
    private const int ExitInterrupted = 130;

    private static readonly Option<int> _nodes = new("--nodes") { Description = "Number of nodes (2 to 8)", DefaultValueFactory = _ => 3 };
    private static readonly Option<int> _rate = new("--rate") { Description = "Requests per second of each client", DefaultValueFactory = _ => 100 };
    private static readonly Option<string> _filter = new("--filter") { Description = "on_port or on_addr", DefaultValueFactory = _ => "on_port" };
    private static readonly Option<string?> _artifactsFolder = new("--artifacts") { Description = "Folder with safekitd and safekit" };
    private static readonly Option<string?> _pcap = new("--pcap") { Description = "File that keeps every frame of the switch" };

    private static readonly Option<bool> _bare = new("--bare") { Description = "Machines and network only, no safekitd" };
    private static readonly Option<bool> _firstStart = new("--first-start") { Description = "safekit prim on node1 and safekit second on node2" };

    public static RootCommand Build()
    {
        _filter.AcceptOnlyFromAmong("on_port", "on_addr");
        var run = new Command("run", "A live picture of the cluster, with keys that break and repair nodes")
        {
            _nodes, _rate, _filter, _artifactsFolder,
        };
        run.SetAction((parsed, _) => GuardAsync(cancel => LiveView.RunAsync(
            Read(parsed), new LoadOptions { RequestsPerSecond = Math.Clamp(parsed.GetValue(_rate), 1, 2000) }, cancel)));
        var tour = new Command("tour", "Plays every fault without a terminal; exits 0 only if every promise was held")
        {
            _nodes, _artifactsFolder, _pcap,
        };
        tour.SetAction((parsed, _) => GuardAsync(cancel => Tour.RunAsync(Read(parsed), parsed.GetValue(_pcap), Console.Out, cancel)));
        var hold = new Command("hold", "Keeps the cluster up until Ctrl-C and says how to enter its machines")
        {
            _nodes, _filter, _artifactsFolder, _bare,
        };
        hold.SetAction((parsed, _) => GuardAsync(cancel => Hold.RunAsync(
            Read(parsed) with { WithSafeKit = !parsed.GetValue(_bare) }, Console.Out, cancel)));
        return new RootCommand("A SafeKit.Net farm or mirror on this machine: a switch, nodes and clients in namespaces")
        {
            run, tour, hold, BuildMirror(),
        };
    }

    private static Command BuildMirror()
    {
        var run = new Command("run", "A live picture of the mirror, with keys that break and repair nodes") { _artifactsFolder };
        run.SetAction((parsed, _) => GuardAsync(cancel => MirrorView.RunAsync(ReadMirror(parsed), cancel)));
        var tour = new Command("tour", "Plays every fault without a terminal; exits 0 only if every promise was held") { _artifactsFolder };
        tour.SetAction((parsed, _) => GuardAsync(cancel => MirrorTour.RunAsync(ReadMirror(parsed), Console.Out, cancel)));
        var hold = new Command("hold", "Keeps the mirror up until Ctrl-C and says how to enter its machines")
        {
            _artifactsFolder, _bare, _firstStart,
        };
        hold.SetAction((parsed, _) => GuardAsync(cancel => MirrorHold.RunAsync(
            ReadMirror(parsed), withDaemons: !parsed.GetValue(_bare), parsed.GetValue(_firstStart), Console.Out, cancel)));
        return new Command("mirror", "Two nodes with PostgreSQL on a replicated directory, and a client") { run, tour, hold };
    }

    private static MirrorOptions ReadMirror(ParseResult parsed) => new() { ArtifactsFolder = parsed.GetValue(_artifactsFolder) };

    private static LabOptions Read(ParseResult parsed) => new()
    {
        Nodes = parsed.GetValue(_nodes),
        // The tour does not have the option: its scenes need source ports on every node.
        Filter = parsed.GetValue(_filter) ?? "on_port",
        ArtifactsFolder = parsed.GetValue(_artifactsFolder),
    };

    private static async Task<int> GuardAsync(Func<CancellationToken, Task<int>> body)
    {
        using var signals = new EndingSignals();
        try
        {
            return await body(signals.Token);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return ExitInterrupted;
        }
        catch (Exception e) when (e is LabException or SafeKitException)
        {
            await Console.Error.WriteLineAsync($"safekit-lab: {e.Message}");
            return 1;
        }
    }
}
