using System.Runtime.InteropServices;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct asker_key</c>: addresses as they stand in the packet.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AskerKey
{
    public ulong AddressHigh;
    public ulong AddressLow;
    public ulong ClientHigh;
    public ulong ClientLow;
}
