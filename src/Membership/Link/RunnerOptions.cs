namespace SafeKit.Membership;

/// <summary>Everything a <see cref="MembershipRunner"/> needs.</summary>
public sealed record RunnerOptions
{
    public required MembershipSettings Settings { get; init; }

    public required IReadOnlyList<LanSettings> Lans { get; init; }

    /// <summary>32 bytes, the same on every node.</summary>
    public required ReadOnlyMemory<byte> ClusterKey { get; init; }

    /// <summary>Names the key's purpose, so that modules cannot read each other's heartbeats.</summary>
    public required string Module { get; init; }

    /// <summary>
    /// Distinguishes the lives of this node and must grow from one to the next, whatever the wall clock does.
    /// </summary>
    public required ulong Incarnation { get; init; }

    /// <summary>
    /// Where this life is written down for the next process; null for nowhere. The runner owns it from its construction on.
    /// </summary>
    public MembershipStore? Store { get; init; }

    /// <summary>Go on with the life that <see cref="Store"/> holds, if there is one.</summary>
    public bool Resumes { get; init; }

    /// <summary>Whether the filter has taken nothing since before this process began; does not matter for a life that goes on.</summary>
    public bool FilterWasClosed { get; init; } = true;

    /// <summary>Whether the node asks for its share from the beginning.</summary>
    public bool ServesAtStart { get; init; } = true;

    /// <summary>Called once, on the membership thread, when it cannot go on; the lease is 0 by then. Stop the process.</summary>
    public required Action<Exception> OnFatal { get; init; }
}
