using System.Diagnostics;

namespace SafeKit.Simulation;

/// <summary>Many seeds, on all cores.</summary>
public static class SimulationBatch
{
    /// <summary>The violation of the lowest failing seed that was met, or null.</summary>
    public static SimulationViolation? Run(ulong from, int seeds, Func<ulong, SimulationOptions> optionsOf, bool stopAtFirst = false)
    {
        SimulationViolation? worst = null;
        ulong worstSeed = ulong.MaxValue;
        var gate = new object();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, seeds, parallel, (i, loop) =>
        {
            if (stopAtFirst && loop.ShouldExitCurrentIteration)
                return;
            ulong seed = from + (ulong)i;
            try
            {
                new ChaosRun(optionsOf(seed)).Run();
            }
            catch (SimulationViolation violation)
            {
                lock (gate)
                {
                    if (seed < worstSeed)
                        (worst, worstSeed) = (violation, seed);
                }

                if (stopAtFirst)
                    loop.Break();
            }
        });
        return worst;
    }

    /// <summary>As the command line runs it.</summary>
    public static SimulationViolation? RunAndReport(ulong from, int seeds, TextWriter output)
    {
        var watch = Stopwatch.StartNew();
        SimulationViolation? violation = Run(from, seeds, SimulationOptions.FromSeed);
        output.WriteLine($"{seeds} seeds from {from} in {watch.Elapsed.TotalSeconds:F1} s");
        if (violation is not null)
            output.WriteLine(violation.Message);
        return violation;
    }
}
