namespace SafeKit.Mirror;

/// <summary>What happens to a module's data by itself. Called on threads of the mirror; the callee only queues.</summary>
public interface IReplicatedDataEvents
{
    /// <summary>Leading: the other node has connected, and its reintegration begins. Rule: of the comparison of generations, or of the
    /// journal.</summary>
    void PeerAttached(string rule, ReintegrationKind kind);

    /// <summary>Leading: both nodes have the same data and both records say so (Paired): barriers wait for the other node from now on.</summary>
    void PeerUpToDate();

    /// <summary>
    /// Leading: the connection ended. If the nodes were paired, those who wait go on waiting until <see cref="IReplicatedData.Detach"/>, or until
    /// the other node is back.
    /// </summary>
    /// <param name="orderly">The other node said goodbye: everything is applied there.</param>
    void PeerLost(string reason, bool orderly, bool wasPaired);

    /// <summary>Following: this node's data is the primary's, and its record says so (Paired).</summary>
    void UpToDate();

    /// <summary>Following: the connection ended, or cannot be made; it is tried again by itself. Told once for a row of failures.</summary>
    /// <param name="orderly">The primary said goodbye after everything was applied here: this data is current.</param>
    /// <param name="upToDate">Whether this node has everything that the primary had told anyone, unless the primary has gone on alone since.</param>
    void PrimaryLost(string reason, bool orderly, bool upToDate);

    /// <summary>Following: the primary refuses, for good: an order of the administrator is needed. Rule and what to type.</summary>
    void Refused(string rule, string remedy);

    /// <summary>The data cannot be served any more on this node: a mount is gone, the disk of the record fails.</summary>
    void Failed(string reason);

    /// <summary>A line for the module's log.</summary>
    /// <param name="critical">Somebody must look at it.</param>
    void Log(string origin, string message, bool critical);
}
