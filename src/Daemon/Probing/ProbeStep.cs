namespace SafeKit.Daemon.Probing;

/// <summary>What a node is asked to do in a test of the network, in this order.</summary>
public enum ProbeStep
{
    /// <summary>Listen for the frames of a test, and tell everybody where this node is.</summary>
    Open = 1,

    /// <summary>Send to the targets.</summary>
    Send = 2,

    /// <summary>Listen in promiscuous mode from now on.</summary>
    Widen = 3,

    /// <summary>Say what arrived, and forget the test.</summary>
    Close = 4,
}
