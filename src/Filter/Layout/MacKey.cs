using System.Runtime.InteropServices;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct mac_key</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MacKey
{
    public uint Ifindex;
    public AddressEntry.Mac Mac;
    public ushort Unused;
}
