namespace SafeKit.Bench.Packets;

/// <summary>What the packet filter costs, beside nothing and beside what else does its job. Needs root.</summary>
public static class PacketBenchmark
{
    /// <summary>The benchmark as a suite.</summary>
    public static Task RunAsync(BenchSettings settings, BenchReport report, CancellationToken token)
    {
        Run(settings.Quick, report, token);
        return Task.CompletedTask;
    }

    /// <summary>Blocks until all is measured; everything it makes is gone afterwards, or when the process ends.</summary>
    public static void Run(bool quick, BenchReport report, CancellationToken token = default) =>
        BenchThread.Run(() =>
        {
            using BenchPrograms programs = BenchPrograms.Load();
            new DecisionBenchmark(programs, quick, token).Run(report);
            new SocketBenchmark(programs, quick, token).Run(report);
            new ForwardBenchmark(programs, quick, token).Run(report);
            using var link = new LinkBenchmark(programs, quick, token);
            link.Run(report);
        });
}
