namespace SafeKit.Mirror.Recording;

/// <summary>What the other node has to have done.</summary>
public enum Acknowledgement
{
    /// <summary>It has received the operation and everything before it.</summary>
    Received,

    /// <summary>
    /// As the module's <c>async</c> says for a barrier: <c>second</c>: received; <c>none</c>: this operation is a Sync or SyncTree, and is on
    /// its disk.
    /// </summary>
    Barrier,
}
