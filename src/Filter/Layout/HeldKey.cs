using System.Runtime.InteropServices;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct held_key</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct HeldKey
{
    public ulong ClientHigh;
    public ulong ClientLow;
    public ulong AddressHigh;
    public ulong AddressLow;
    public ushort ClientPort;
    /// <summary>In network byte order, as it stands in the packet.</summary>
    public ushort ServerPort;
    public byte Family;
    public byte Slot;
    public ushort Bucket;
    public byte Group;
    public fixed byte Unused[7];
}
