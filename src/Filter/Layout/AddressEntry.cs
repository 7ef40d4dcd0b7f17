using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SafeKit.Core;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct filter_address</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressEntry
{
    public ulong High;
    public ulong Low;
    public uint Ifindex;
    public byte Family;
    public byte RuleCount;
    public Mac VirtualMac;
    public Mac OwnMac;
    public byte IsDirected;
    public byte Self;
    public byte EntryGroup;
    public byte EntrySlot;
    public byte SendsAtTc;
    public SynAnswer AnswersSyns;
    public RuleList Rules;

    [InlineArray(6)]
    public struct Mac
    {
        private byte _first;
    }

    [InlineArray(Limits.RulesPerAddressMax)]
    public struct RuleList
    {
        private RuleEntry _first;
    }
}
