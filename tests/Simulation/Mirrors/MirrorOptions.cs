using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>What kind of mirror a run has. Everything is drawn from the seed.</summary>
internal sealed record MirrorOptions
{
    public required ulong Seed { get; init; }

    public double LossRate { get; init; }

    public long DelayNsMax { get; init; } = 1_000_000;

    /// <summary>How long a secondary may take from receiving to applying.</summary>
    public int ApplyMsMax { get; init; } = 10;

    /// <summary>How long the faults go on.</summary>
    public long ChaosNs { get; init; } = 30_000_000_000;

    /// <summary>Mean time between two faults.</summary>
    public long FaultEveryNs { get; init; } = 3_000_000_000;

    /// <summary>Are both directions ever cut together, so that each node may rightly believe the other dead?</summary>
    public bool HasSplits { get; init; }

    public string DefaultPrim { get; init; } = "alone";

    public MirrorMistake Mistake { get; init; }

    public DataMistake DataMistake { get; init; }

    public static MirrorOptions FromSeed(ulong seed)
    {
        var random = new SimulationRandom(seed);
        return new MirrorOptions
        {
            Seed = seed,
            LossRate = random.Pick(0, 0, 0.01, 0.05),
            DelayNsMax = random.Pick(300_000, 2_000_000, 20_000_000),
            ApplyMsMax = random.Pick(10, 10, 200, 1500),
            ChaosNs = random.Range(15, 40) * 1_000_000_000L,
            FaultEveryNs = random.Range(1000, 5000) * 1_000_000L,
            HasSplits = random.Chance(0.2),
            DefaultPrim = random.Pick("alone", "alone", "alone", "lastprim", "a", "b"),
        };
    }
}
