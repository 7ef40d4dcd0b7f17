namespace SafeKit.Core.Control;

/// <summary>What a mirror module has beside state and status.</summary>
/// <param name="Data">uptodate, not uptodate or degraded; empty where the module replicates no directory.</param>
/// <param name="AnswersClients">Whether this node answers for the virtual address now.</param>
/// <param name="LeaseMs">Time left in which it may answer without being punctual again.</param>
/// <param name="Remedy">What an administrator can type to leave a WAIT NotReady; empty where nothing need be typed.</param>
/// <param name="Replication">Null where the module replicates no directory.</param>
public sealed record MirrorState(
    string Data,
    bool AnswersClients,
    double LeaseMs,
    string Remedy,
    MirrorPeerState Peer,
    ReplicationState? Replication);
