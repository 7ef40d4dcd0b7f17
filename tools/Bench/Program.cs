using SafeKit.Bench;
using SafeKit.Bench.Convergence;
using SafeKit.Bench.Crowd;
using SafeKit.Bench.Mirror;
using SafeKit.Bench.Outage;
using SafeKit.Bench.Packets;
using SafeKit.Core;
using SafeKit.Lab;

// safekit-bench [--json FILE] [SUITE...]: the suites by name, all of them without a name.
var suites = new (string Name, Func<BenchSettings, BenchReport, CancellationToken, Task> RunAsync)[]
{
    ("packets", PacketBenchmark.RunAsync),
    ("convergence", ConvergenceBenchmark.RunAsync),
    ("views", ViewChangeBenchmark.RunAsync),
    ("farm", FarmOutageBench.RunAsync),
    ("restarts", RestartBench.RunAsync),
    ("connections", ConnectionBench.RunAsync),
    ("flood", FloodBench.RunAsync),
    ("million", MillionBench.RunAsync),
    ("starvation", StarvationBench.RunAsync),
    ("keepalived", KeepalivedBench.RunAsync),
    ("stream", StreamBench.RunAsync),
    ("mirror", MirrorBench.RunAsync),
    ("failover", FailoverBench.RunAsync),
    ("reintegration", ReintegrationBench.RunAsync),
    ("link", LinkShareBench.RunAsync),
};
if (args is [SmallFiles.Verb, var folder, var count])
    return SmallFiles.Work(folder, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
if (args is [LinkProbe.ReceiveVerb, var receivedKind, var ownAddress])
    return LinkProbe.Receive(receivedKind, ownAddress);
if (args is [LinkProbe.SendVerb, var sentKind, var farAddress])
    return LinkProbe.Send(sentKind, farAddress);
var arguments = args.ToList();
string? json = null;
if (arguments.IndexOf("--json") is >= 0 and var option && option + 1 < arguments.Count)
{
    json = arguments[option + 1];
    arguments.RemoveRange(option, 2);
}

var unknown = arguments.Where(name => suites.All(suite => suite.Name != name)).ToList();
if (unknown.Count > 0)
{
    Console.Error.WriteLine(
        $"safekit-bench: there is no suite named {unknown[0]}; there are: {string.Join(" ", suites.Select(suite => suite.Name))}");
    return 2;
}

var report = new BenchReport(Console.Out);
var failed = 0;
using var signals = new EndingSignals();
foreach (var suite in suites.Where(suite => arguments.Count == 0 || arguments.Contains(suite.Name)))
{
    try
    {
        await suite.RunAsync(BenchSettings.FromEnvironment(), report, signals.Token);
    }
    catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
    {
        return 130;
    }
    catch (Exception e) when (e is LabException or SafeKitException)
    {
        Console.Error.WriteLine($"safekit-bench: {suite.Name}: {e.Message}");
        failed = 1;
    }
}

if (json is not null)
    report.WriteJson(json);
return failed;
