namespace SafeKit.Bench;

/// <summary>How much is measured. The quick run gives the same names from fewer repeats.</summary>
public sealed record BenchSettings(bool Quick)
{
    public const string QuickVariable = "QUICK";

    /// <summary>Repeats of a crash, of a planned leave, and of a crash of the product compared with.</summary>
    public int Repeats => Quick ? 4 : 20;

    /// <summary>Restarts of daemons under load.</summary>
    public int Restarts => Quick ? 12 : 100;

    public TimeSpan IdleTime => TimeSpan.FromSeconds(Quick ? 5 : 30);

    /// <summary>Repeats of each row of the mirror.</summary>
    public int MirrorRepeats => Quick ? 1 : 3;

    public int JobSeconds => Quick ? 2 : 5;

    public int BenchSeconds => Quick ? 5 : 20;

    public int FileMib => Quick ? 128 : 512;

    public int SmallFiles => Quick ? 2_000 : 10_000;

    /// <summary>Files of the tree of which ten change.</summary>
    public int TreeFiles => Quick ? 50_000 : 1_000_000;

    public int Failovers => Quick ? 3 : 10;

    /// <summary>Values of <c>async</c> and <c>wait</c> that are measured.</summary>
    public IReadOnlyList<(string Async, string Wait)> MirrorVariants => Quick
        ? [("second", "close"), ("second", "sync"), ("none", "close")]
        : [("second", "close"), ("second", "sync"), ("second", "all"), ("none", "close"), ("none", "sync"), ("none", "all")];

    public static BenchSettings FromEnvironment() => new(Environment.GetEnvironmentVariable(QuickVariable) is "1" or "true");
}
