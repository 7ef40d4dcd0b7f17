using SafeKit.Membership;

namespace SafeKit.Simulation;

/// <summary>What kind of cluster a run has. Everything is drawn from the seed unless a scenario sets it.</summary>
public sealed record SimulationOptions
{
    public required ulong Seed { get; init; }

    public int Nodes { get; init; } = 3;

    public int Lans { get; init; } = 1;

    public int PulseMs { get; init; } = MembershipSettings.PulseMsDefault;

    public int SlostCount { get; init; } = MembershipSettings.SlostCountDefault;

    public int MlostCount { get; init; } = MembershipSettings.MlostCountDefault;

    /// <summary>Added to the shortest lease by the attribute; 0 for without it.</summary>
    public int LeaseMsMore { get; init; }

    /// <summary>Short, so that connections are released within a run.</summary>
    public int SettleMs { get; init; } = 300;

    public IReadOnlyList<GroupSettings>? Groups { get; init; }

    /// <summary>Largest deviation of a node's clock rate, in millionths.</summary>
    public int ClockRatePpmMax { get; init; }

    public double LossRate { get; init; }

    public double DuplicationRate { get; init; }

    public long DelayNsMin { get; init; } = 100_000;

    public long DelayNsMax { get; init; } = 300_000;

    /// <summary>Rarely a datagram takes this long: it overtakes nothing and is overtaken by many.</summary>
    public long StragglerNsMax { get; init; }

    /// <summary>What nodes report of their buckets is lost, or is such a straggler, this often, and half as often a part of a view.</summary>
    public double LateReports { get; init; }

    /// <summary>Instead of faults of every kind mostly planned moves, one upon the other, while many clients come and go.</summary>
    public bool Churn { get; init; }

    /// <summary>A node whose configuration differs from the others'; none if negative.</summary>
    public int Stranger { get; init; } = -1;

    /// <summary>False for measurements of large farms, whose checks would take most of the time.</summary>
    public bool ChecksInvariants { get; init; } = true;

    internal ProtocolMistake Mistake { get; init; }

    /// <summary>Groups whose powers, and so whose tables, differ.</summary>
    public static IReadOnlyList<GroupSettings> GroupsOfOwnTables(int groups, int nodes) =>
        [.. Enumerable.Range(0, groups).Select(g => new GroupSettings($"g{g}", [.. Enumerable.Range(0, nodes).Select(n => 2 + ((n + g) * (g + 3) % 5))]))];

    public static SimulationOptions FromSeed(ulong seed)
    {
        var random = new SimulationRandom(seed);
        int nodes = random.Chance(0.04) ? random.Range(7, 13) : random.Range(2, 7);
        bool defaults = random.Chance(0.7);
        int groups = random.Range(1, 3);
        var options = new SimulationOptions
        {
            Seed = seed,
            Nodes = nodes,
            Lans = random.Range(1, 3),
            PulseMs = defaults ? MembershipSettings.PulseMsDefault : random.Range(20, 101),
            SlostCount = defaults ? MembershipSettings.SlostCountDefault : random.Range(3, 9),
            MlostCount = defaults ? MembershipSettings.MlostCountDefault : random.Range(3, 9),
            Groups = [.. Enumerable.Range(0, groups).Select(g => DrawGroup(g, nodes, random))],
            ClockRatePpmMax = random.Chance(0.5) ? 1000 : 50,
            LossRate = random.Pick(0, 0, 0.01, 0.05, 0.15),
            DuplicationRate = random.Pick(0, 0.01, 0.1),
            DelayNsMax = random.Pick(200_000, 1_000_000, 5_000_000),
            StragglerNsMax = random.Pick(0, 30_000_000, 400_000_000),
            LeaseMsMore = random.Pick(0, 0, 200, 1500),
        };
        return random.Chance(0.25) ? WithChurn(options, random) : options;
    }

    /// <summary>Views follow each other within the time that a datagram may take, so that what was said under one arrives under another.</summary>
    private static SimulationOptions WithChurn(SimulationOptions options, SimulationRandom random)
    {
        bool late = random.Chance(0.75);
        return options with
        {
            Churn = true,
            SettleMs = 100,
            Lans = late ? 1 : options.Lans,
            LossRate = late ? 0.01 : options.LossRate,
            StragglerNsMax = late ? 400_000_000 : 0,
            LateReports = late ? 0.45 : 0,
        };
    }

    private static GroupSettings DrawGroup(int index, int nodes, SimulationRandom random)
    {
        bool equal = random.Chance(0.7);
        int[] powers = new int[nodes];
        for (int node = 0; node < nodes; node++)
            powers[node] = equal ? 1 : random.Range(0, 4);
        return new GroupSettings($"g{index}", powers, HasAffinity: random.Chance(0.3));
    }
}
