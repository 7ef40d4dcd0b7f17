namespace SafeKit.Daemon.Farm;

/// <summary>What is known of a module from before the daemon started.</summary>
/// <param name="Wanted">An order to run it stood: it was started and not stopped since.</param>
/// <param name="Up">Its application was up.</param>
/// <param name="Drained">It took no new connections, by order.</param>
/// <param name="SameLife">The machine has not been started anew since.</param>
/// <param name="Opened">Its traffic was to be open, as far as its scripts were concerned.</param>
public sealed record RunMemory(bool Wanted, bool Up, bool SameLife, bool Drained = false, bool Opened = false);
