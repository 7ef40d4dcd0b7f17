using System.Diagnostics;

namespace SafeKit.Simulation;

/// <summary>Many seeds, on all cores.</summary>
public static class SimulationBatch
{
    /// <summary>The violations that were met, in the order of seeds; with <paramref name="stopAtFirst"/> none beyond the first.</summary>
    public static IReadOnlyList<SimulationViolation> Run(
        ulong from, int seeds, Func<ulong, SimulationOptions> optionsOf, bool stopAtFirst = false)
    {
        var violations = new List<SimulationViolation>();
        var gate = new object();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, seeds, parallel, (i, loop) =>
        {
            if (loop.ShouldExitCurrentIteration)
                return;
            ulong seed = from + (ulong)i;
            try
            {
                new ChaosRun(optionsOf(seed)).Run();
            }
            catch (SimulationViolation violation)
            {
                lock (gate)
                    violations.Add(violation);

                if (stopAtFirst)
                    loop.Break();
            }
        });
        return [.. violations.OrderBy(violation => violation.Seed)];
    }

    /// <summary>As the command line runs it.</summary>
    public static SimulationViolation? RunAndReport(ulong from, int seeds, TextWriter output)
    {
        var watch = Stopwatch.StartNew();
        IReadOnlyList<SimulationViolation> violations = Run(from, seeds, SimulationOptions.FromSeed);
        output.WriteLine($"{seeds} seeds from {from} in {watch.Elapsed.TotalSeconds:F1} s, {violations.Count} failed");
        foreach (SimulationViolation violation in violations.Take(10))
            output.WriteLine(violation.Message);
        return violations.Count == 0 ? null : violations[0];
    }
}
