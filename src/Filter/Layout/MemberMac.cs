using System.Runtime.InteropServices;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct member_mac</c> and <c>struct asker_value</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MemberMac
{
    public AddressEntry.Mac Mac;
    public ushort Unused;
}
