namespace SafeKit.Modules;

/// <summary>How packets to a virtual address reach the nodes (reference section 6.1).</summary>
public enum VirtualInterfaceType
{
    /// <summary>One virtual MAC that nobody sends from: the switch floods, every node takes or drops.</summary>
    VmacInvisible = 0,

    /// <summary>Nodes answer with their own MAC; who gets a packet sends it on to its owner.</summary>
    VmacDirected = 1,
}
