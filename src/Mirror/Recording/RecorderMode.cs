namespace SafeKit.Mirror.Recording;

/// <summary>What the recorder does with changes; for status, and to order what may follow what.</summary>
internal enum RecorderMode
{
    /// <summary>Nothing is recorded: only a survey can bring the other node up to date.</summary>
    Idle,

    /// <summary>No other node: changes go to the journal.</summary>
    Journaling,

    /// <summary>The other node gets what it misses: first the journal's operations, then live ones follow in the same stream.</summary>
    CatchingUp,

    /// <summary>The other node gets what it misses by a survey.</summary>
    Surveying,

    /// <summary>Everything is in the stream, and the other node is asked to confirm; who waits, waits for it already.</summary>
    Pairing,

    Paired,
}
