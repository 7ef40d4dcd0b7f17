using System.Runtime.InteropServices;

namespace SafeKit.Lab.Capture;

/// <summary>Writes frames in the classic pcap format (version 2.4, nanoseconds, Ethernet), for people to look at.</summary>
internal sealed class PcapFile : IDisposable
{
    private const uint MagicNanoseconds = 0xa1b23c4d;
    private const uint SnapLength = 65_536;
    private const uint LinkEthernet = 1;

    private readonly FileStream _file;

    public PcapFile(string path)
    {
        _file = File.Create(path);
        _file.Write(MemoryMarshal.AsBytes<uint>([MagicNanoseconds, 2 | 4 << 16, 0, 0, SnapLength, LinkEthernet]));
    }

    public void Write(ReadOnlySpan<byte> frame, long unixNs)
    {
        var length = (uint)frame.Length;
        _file.Write(MemoryMarshal.AsBytes<uint>(
            [(uint)(unixNs / 1_000_000_000), (uint)(unixNs % 1_000_000_000), length, length]));
        _file.Write(frame);
    }

    public void Dispose() => _file.Dispose();
}
