using System.Runtime.InteropServices;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct filter_slot</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SlotEntry
{
    public long LeaseUntilNs;
    public uint Active;
    public uint Generation;
}
