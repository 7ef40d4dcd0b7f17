namespace SafeKit.Modules;

/// <summary>How a primary stops its application.</summary>
internal enum MirrorEnding
{
    /// <summary>The application stops first: its last writes reach the other node, its clients are served to the end.</summary>
    Graceful = 0,

    /// <summary>The other node leads too: no client is answered here any more, from the first moment.</summary>
    WithoutAddress = 1,

    /// <summary>
    /// And whoever waits for the other node's acknowledgement will never get it: the directories go first, for no script can stop a process that
    /// waits in the kernel.
    /// </summary>
    WithoutData = 2,
}
