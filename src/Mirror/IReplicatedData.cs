using SafeKit.Mirror.Generations;

namespace SafeKit.Mirror;

/// <summary>
/// The data of one mirror module on one node, as the roles see it. Orders come one at a time and from one caller; each returns when it is
/// done. What happens by itself is told through <see cref="IReplicatedDataEvents"/>.
/// </summary>
public interface IReplicatedData : IAsyncDisposable
{
    /// <summary>The durable record as it is now. Never waits.</summary>
    GenerationRecord Record { get; }

    /// <summary>A snapshot for status. Never waits (A1).</summary>
    ReplicatedDataStatus Status { get; }

    /// <summary>
    /// Leads from now on: mounts every directory for the application, keeps the journal, listens for the other node. The caller has decided
    /// that the data is good enough. The record says Alone before the first change.
    /// </summary>
    /// <param name="order">Why: an order by force restarts the history, so that the other node is surveyed or copied whole.</param>
    /// <exception cref="Core.SafeKitException">A directory cannot be mounted; nothing is mounted then.</exception>
    Task LeadAsync(LeadOrder order, CancellationToken cancel);

    /// <summary>
    /// Follows the other node from now on: mounts every directory read-only, connects (again and again), is reintegrated, and applies what comes.
    /// </summary>
    /// <param name="full">Copy everything, whatever the records say.</param>
    Task FollowAsync(bool full, CancellationToken cancel);

    /// <summary>
    /// Takes over: from following to leading. Nothing of the former primary is accepted any more; everything received is applied; the
    /// directories are mounted for the application.
    /// </summary>
    /// <exception cref="Core.SafeKitException">The data is not up to date; the node goes on following.</exception>
    Task PromoteAsync(CancellationToken cancel);

    /// <summary>
    /// The primary goes on without the other node: the record says Alone, then everyone who waits for the other node is released. No effect
    /// where nobody is attached or already detached.
    /// </summary>
    void Detach(string rule);

    /// <summary>
    /// The secondary hears from the primary's heartbeat that it goes on alone, or that it has newer data: the present connection ends, so
    /// that nothing on its way makes this data up to date, and the record says Outdated before this returns, where it said Paired.
    /// </summary>
    void DeclareOutdated(string rule);

    /// <summary>
    /// Stops leading or following in good order: unmounts, brings everything to the other node if it is there, and leaves a record from
    /// which the next reintegration copies only what changed. No effect where neither is going on.
    /// </summary>
    Task LeaveAsync(CancellationToken cancel);

    /// <summary>Compares both trees, from either node while they are paired; changes nothing.</summary>
    /// <exception cref="Core.SafeKitException">The nodes are not paired, or the connection ended meanwhile.</exception>
    Task<VerifyReport> VerifyAsync(CancellationToken cancel);
}
