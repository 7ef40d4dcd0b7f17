using System.Runtime.InteropServices;

namespace SafeKit.Filter.Layout;

/// <summary><c>struct filter_rule</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RuleEntry
{
    public byte Protocol;
    public byte Input;
    public byte AnyPort;
    public byte Group;
    /// <summary>In network byte order, as it stands in the packet.</summary>
    public ushort Port;
    public byte Slot;
    public byte NotesActivity;
}
