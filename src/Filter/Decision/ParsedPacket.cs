namespace SafeKit.Filter;

/// <summary><c>struct packet</c> of <c>ebpf/packet.h</c>.</summary>
internal struct ParsedPacket
{
    public bool IsIpv6;
    public UInt128 Address;
    public UInt128 Client;
    public uint FragmentIdentification;
    public int TransportOffset;
    public int PayloadBytes;
    public MacAddress Source;
    public ushort ClientPort;
    public ushort Port;
    public ushort IpIdentification;
    public byte Protocol;
    public bool IsFirstFragment;
    public bool IsLaterFragment;
    public bool Opens;
    public bool IsEcho;
}
