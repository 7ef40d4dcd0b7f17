using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct filter_control</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ControlEntry
{
    public ulong JiffyNs;
    public ulong JiffiesLatestNs;
    public uint ActivePlan;
    public uint Layout;
    public SlotList Slots;

    [InlineArray(SharedLimits.SlotsMax)]
    public struct SlotList
    {
        private SlotEntry _first;
    }
}
