using System.Globalization;

namespace SafeKit.Bench;

/// <summary>How much is measured. The quick run gives the same names from fewer repeats.</summary>
public sealed record BenchSettings(bool Quick)
{
    public const string QuickVariable = "QUICK";
    public const string MinutesVariable = "MINUTES";
    public const string RowsVariable = "ROWS";
    public const string VariantsVariable = "VARIANTS";

    /// <summary>Repeats of a crash, of a planned leave, and of a crash of the product compared with.</summary>
    public int Repeats => Quick ? 4 : 20;

    /// <summary>Restarts of daemons under load.</summary>
    public int Restarts => Quick ? 12 : 100;

    /// <summary>How long a farm goes without processors.</summary>
    public TimeSpan StarvationTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long each part of a flood lasts.</summary>
    public TimeSpan FloodTime => TimeSpan.FromSeconds(Quick ? 6 : 20);

    /// <summary>Connections of the crowd.</summary>
    public int CrowdConnections => Quick ? 30_000 : 1_000_000;

    public TimeSpan IdleTime => TimeSpan.FromSeconds(Quick ? 5 : 30);

    /// <summary>Repeats of each row of the mirror.</summary>
    public int MirrorRepeats => Quick ? 1 : 3;

    public int JobSeconds => Quick ? 2 : 5;

    public int BenchSeconds => Quick ? 5 : 20;

    public int FileMib => Quick ? 128 : 512;

    public int SmallFiles => Quick ? 2_000 : 10_000;

    /// <summary>Files of the tree of which ten change.</summary>
    public int TreeFiles => Quick ? 50_000 : 1_000_000;

    /// <summary>Size of each of the large files that are reintegrated.</summary>
    public int LargeFileMib => Quick ? 128 : 512;

    public int Failovers => Quick ? 3 : 10;

    /// <summary>Only rows of the mirror that contain one of these; none: all of them.</summary>
    public IReadOnlyList<string> Rows { get; init; } = [];

    /// <summary>What is measured for the mirror, by name: <c>native</c>, <c>gluster</c>, or as <see cref="MirrorVariant"/> reads it.</summary>
    public IReadOnlyList<string> Variants { get; init; } = Quick
        ? ["native", "second/close", "second/sync", "none/close", "gluster", "native"]
        : ["native", "second/close", "second/sync", "second/all", "none/close", "none/sync", "none/all", "gluster", "native"];

    public static BenchSettings FromEnvironment()
    {
        var settings = new BenchSettings(Environment.GetEnvironmentVariable(QuickVariable) is "1" or "true") { Rows = Words(RowsVariable) };
        if (Words(MinutesVariable) is [var minutes])
            settings = settings with { StarvationTime = TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture)) };
        return Words(VariantsVariable) is { Length: > 0 } variants ? settings with { Variants = variants } : settings;
    }

    public bool WantsRow(string row) => Rows.Count == 0 || Rows.Any(wanted => row.Contains(wanted, StringComparison.Ordinal));

    private static string[] Words(string variable) =>
        Environment.GetEnvironmentVariable(variable)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
