namespace SafeKit.Bench;

/// <summary>How much is measured. The quick run gives the same names from fewer repeats.</summary>
public sealed record BenchSettings(bool Quick)
{
    public const string QuickVariable = "QUICK";

    /// <summary>Repeats of a crash, of a planned leave, and of a crash of the product compared with.</summary>
    public int Repeats => Quick ? 4 : 20;

    public TimeSpan IdleTime => TimeSpan.FromSeconds(Quick ? 5 : 30);

    public static BenchSettings FromEnvironment() => new(Environment.GetEnvironmentVariable(QuickVariable) is "1" or "true");
}
