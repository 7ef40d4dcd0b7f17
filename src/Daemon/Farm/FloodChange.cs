namespace SafeKit.Daemon.Farm;

/// <summary>A flood has begun, or has ended.</summary>
/// <param name="Begins">Or else it has ended.</param>
/// <param name="Answered">SYNs that the filter answered, since the last look or in the whole flood.</param>
/// <param name="Seconds">In which they were answered.</param>
public sealed record FloodChange(bool Begins, long Answered, double Seconds)
{
    /// <summary>For the module's log.</summary>
    /// <param name="addresses">Where the SYNs were for.</param>
    public string Describe(IEnumerable<string> addresses) => Begins
        ? FormattableString.Invariant($"rule=syn_flood {Answered / Seconds:0} SYN/s for {string.Join(", ", addresses)} are answered by the packet filter, ")
            + "with the kernel's cookies: the queue of the listening socket is full, and they are more than the kernel is left with; "
            + "connections that are opened meanwhile have no window scaling (counter cookie_sent)"
        : FormattableString.Invariant($"rule=syn_flood_ended the packet filter answered {Answered} SYNs in {Seconds:0} s, ")
            + FormattableString.Invariant($"and none for {FloodJudge.Quiet.TotalSeconds:0} s");
}
