using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SafeKit.Core;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct filter_plan</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlanEntry
{
    public ulong HashSeed;
    public ulong IndexMultiplier;
    public IndexCells Index;
    public AddressList Addresses;

    [InlineArray(SharedLimits.AddressIndexSize)]
    public struct IndexCells
    {
        private byte _first;
    }

    [InlineArray(Limits.VirtualAddressesMax)]
    public struct AddressList
    {
        private AddressEntry _first;
    }
}
