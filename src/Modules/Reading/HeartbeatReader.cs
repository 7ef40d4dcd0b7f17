namespace SafeKit.Modules;

/// <summary>
/// Reads the attributes <c>pulse</c>, <c>mlost_count</c> and <c>slost_count</c>. The bounds are those that the membership
/// insists on: what it would refuse at the start is refused here, with its place.
/// </summary>
internal static class HeartbeatReader
{
    public const int PulseMsMin = 5;
    public const int PulseMsMax = 60_000;
    public const int CountMin = 2;
    public const int CountMax = 1000;
    public const int LeaseMsMax = 3_600_000;

    // What the farm's membership takes for an attribute that is not given.
    private const int FarmPulseMsDefault = 50;
    private const int FarmSlostCountDefault = 4;
    private const int FarmMlostCountDefault = 5;

    public static int? PulseMs(ElementReader element) => element.Time("pulse", TimeUnit.Millisecond, PulseMsMin, PulseMsMax);

    public static int? MlostCount(ElementReader element) => element.Int("mlost_count", CountMin, CountMax);

    public static int? SlostCount(ElementReader element) => element.Int("slost_count", CountMin, CountMax);

    /// <summary>
    /// The lease as given, null if not; values that are good each by itself may still make a loss go unnoticed for hours, or contradict
    /// each other.
    /// </summary>
    public static int? LeaseMs(ElementReader farm, int? pulseMs, int? mlostCount, int? slostCount)
    {
        var pulse = pulseMs ?? FarmPulseMsDefault;
        var count = Math.Max(mlostCount ?? FarmMlostCountDefault, slostCount ?? FarmSlostCountDefault);
        var leastMs = count * pulse + Math.Max(3 * pulse, 100);
        if (leastMs > LeaseMsMax)
            farm.Findings.Error(
                farm.PlaceOf("pulse"),
                $"the loss of a node would be noticed after {leastMs / 1000} s, the limit is {LeaseMsMax / 1000} s",
                "lower pulse, mlost_count or slost_count of <farm>");
        var leaseMs = farm.Time("lease", TimeUnit.Millisecond, 1, LeaseMsMax);
        if (leaseMs < leastMs)
            farm.Findings.Error(
                farm.PlaceOf("lease"),
                $"a lease of {leaseMs} ms ends before the loss of a node is noticed and agreed on, which takes {leastMs} ms",
                $"lengthen lease to {leastMs}ms or more, leave it out, or lower pulse, mlost_count or slost_count");
        return leaseMs;
    }
}
