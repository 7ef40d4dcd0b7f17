using System.Runtime.InteropServices;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct held_value</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct HeldValue
{
    public uint Generation;
    public uint Orphan;
    public uint ClientExpects;
    public uint Closes;
}
