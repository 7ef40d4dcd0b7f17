namespace SafeKit.Daemon;

/// <summary>Why the daemon ends, which decides what it leaves behind.</summary>
public enum DaemonEnd
{
    /// <summary>Stop everything in good order.</summary>
    Leave,

    /// <summary>Another daemon follows at once: leave everything as it is.</summary>
    HandOver,

    /// <summary>The service manager knows which of the two (SIGTERM says the same for both).</summary>
    AskServiceManager,

    /// <summary>Going on would be unsafe: stop everything, and end with an error.</summary>
    Failed,
}
