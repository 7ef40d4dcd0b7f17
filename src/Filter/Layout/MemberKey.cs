using System.Runtime.InteropServices;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct member_key</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MemberKey
{
    public uint Ifindex;
    public uint Node;
}
