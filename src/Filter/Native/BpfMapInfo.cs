using System.Runtime.InteropServices;

namespace SafeKit.Filter.Native;

/// <summary>The start of <c>struct bpf_map_info</c>; the kernel fills as much as there is room for.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BpfMapInfo
{
    public uint Type;
    public uint Id;
    public uint KeySize;
    public uint ValueSize;
    public uint MaxEntries;
    public uint MapFlags;
}
