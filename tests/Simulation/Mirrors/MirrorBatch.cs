using System.Diagnostics;
using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>Many runs of mirrors, on all cores, and the hunt for planted mistakes.</summary>
public static class MirrorBatch
{
    /// <summary>Names of every mistake that can be planted.</summary>
    public static IEnumerable<string> Mistakes =>
    [
        .. Enum.GetValues<MirrorMistake>().Where(mistake => mistake != MirrorMistake.None).Select(mistake => mistake.ToString()),
        .. Enum.GetValues<DataMistake>().Where(mistake => mistake != DataMistake.None).Select(mistake => mistake.ToString()),
    ];

    /// <summary>The violations that were met, in the order of seeds.</summary>
    public static IReadOnlyList<SimulationViolation> Run(ulong from, int seeds) => Run(from, seeds, MirrorOptions.FromSeed, stopAtFirst: false);

    /// <summary>The first seed whose run exposes a planted mistake; null: none of so many does.</summary>
    public static SimulationViolation? Hunt(string mistake, int seedsMax)
    {
        const int SeedsAtOnce = 50;
        for (int from = 1; from <= seedsMax; from += SeedsAtOnce)
        {
            IReadOnlyList<SimulationViolation> found = Run(
                (ulong)from, Math.Min(SeedsAtOnce, seedsMax - from + 1), seed => With(mistake, MirrorOptions.FromSeed(seed)), stopAtFirst: true);
            if (found.Count > 0)
                return found[0];
        }

        return null;
    }

    /// <summary>As the command line runs it.</summary>
    public static int RunAndReport(ulong from, int seeds, TextWriter output)
    {
        var watch = Stopwatch.StartNew();
        IReadOnlyList<SimulationViolation> violations = Run(from, seeds);
        output.WriteLine($"{seeds} mirrors from seed {from} in {watch.Elapsed.TotalSeconds:F1} s, {violations.Count} failed");
        foreach (SimulationViolation violation in violations.Take(10))
            output.WriteLine(violation.Message);
        return violations.Count == 0 ? 0 : 1;
    }

    /// <summary>One seed with its event log.</summary>
    public static int RunOne(ulong seed, TextWriter output, string? mistake = null)
    {
        MirrorOptions options = MirrorOptions.FromSeed(seed);
        output.WriteLine($"seed {seed}: loss {options.LossRate:P0}, delay {options.DelayNsMax / 1e6} ms, splits {options.HasSplits}, defaultprim {options.DefaultPrim}");
        try
        {
            var run = new MirrorRun(mistake is null ? options : With(mistake, options), output);
            run.Run();
            output.WriteLine(run.NeededAdministrator ? "no invariant broken; an administrator had to choose" : "no invariant broken");
            return 0;
        }
        catch (SimulationViolation violation)
        {
            output.WriteLine(violation.Message);
            return 1;
        }
    }

    private static MirrorOptions With(string mistake, MirrorOptions options) => Enum.TryParse(mistake, out MirrorMistake ofMachine)
        ? options with { Mistake = ofMachine }
        : options with { DataMistake = Enum.Parse<DataMistake>(mistake) };

    private static IReadOnlyList<SimulationViolation> Run(ulong from, int seeds, Func<ulong, MirrorOptions> optionsOf, bool stopAtFirst)
    {
        var violations = new List<SimulationViolation>();
        var gate = new object();
        Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (i, loop) =>
        {
            if (loop.ShouldExitCurrentIteration)
                return;
            try
            {
                new MirrorRun(optionsOf(from + (ulong)i)).Run();
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
}
