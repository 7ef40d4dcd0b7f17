namespace SafeKit.Modules;

/// <summary>How packets to a virtual address reach the nodes (reference section 6.1).</summary>
public enum VirtualInterfaceType
{
    /// <summary>One virtual MAC that nobody sends from: the switch floods, every node takes or drops.</summary>
    VmacInvisible = 0,

    /// <summary>One node attracts the frames and sends them on. Not served by this version.</summary>
    VmacDirected = 1,
}
