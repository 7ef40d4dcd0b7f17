using SafeKit.Core;
using SafeKit.Mirror;

namespace SafeKit.Daemon.Mirror;

/// <summary>Opens the data of a module; nothing is mounted by it.</summary>
/// <exception cref="SafeKitException">The durable record cannot be read, and what to do.</exception>
public delegate IReplicatedData OpenReplicatedData(ReplicatedDataSettings settings, IReplicatedDataEvents events);
