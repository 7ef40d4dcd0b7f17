namespace SafeKit.Membership;

/// <summary>What a heartbeat says in single bits; values are part of the wire.</summary>
[Flags]
public enum HeartbeatFlags : byte
{
    None = 0,

    /// <summary>The application runs here; the node may own buckets.</summary>
    Serving = 1,

    /// <summary>The node stops: it gives up its buckets but stays a member while its connections last.</summary>
    Leaving = 2,

    /// <summary>The node has given up its rows and its lease; nobody needs to wait for it.</summary>
    Departed = 4,

    /// <summary>The sender may hold connections of buckets for which its view's table does not list it.</summary>
    HoldsUnlisted = 8,

    /// <summary>From the leader: every member of the proposal has released and every fence has ended.</summary>
    Activate = 16,

    /// <summary>The receiver is a member of the sender's active view.</summary>
    ActiveContainsReceiver = 32,

    /// <summary>The sender's kernel may hold connections of any bucket.</summary>
    Holds = 64,

    /// <summary>
    /// Views may be sent to the sender as differences to the one that it has promised or acts on. Not said by releases that do not know
    /// them, nor after one was refused until the view has come whole.
    /// </summary>
    TakesDifferences = 128,
}
