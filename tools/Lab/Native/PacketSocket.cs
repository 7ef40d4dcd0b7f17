using System.Runtime.InteropServices;

namespace SafeKit.Lab.Native;

/// <summary>
/// A raw packet socket that sees every frame that enters any interface of the namespace it was made in. The kernel's own
/// time stamp goes with each frame, since on a busy machine the reader may be late. Owns a descriptor.
/// </summary>
internal sealed unsafe class PacketSocket : IDisposable
{
    private const ushort AllProtocols = 0x0300; // ETH_P_ALL in network order
    private const int ReceiveBufferBytes = 32 << 20;
    private const int AddressBytes = 20; // struct sockaddr_ll
    private const int AddressInterfaceOffset = 4;

    private int _descriptor;

    /// <summary>Opens it; call this on a thread of the namespace.</summary>
    public PacketSocket()
    {
        _descriptor = Libc.socket(Libc.AF_PACKET, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, AllProtocols);
        if (_descriptor < 0)
            throw new LabException($"cannot open a packet socket: errno {Marshal.GetLastPInvokeError()}");
        Set(Libc.SOL_PACKET, Libc.PACKET_IGNORE_OUTGOING, 1);
        Set(Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, ReceiveBufferBytes);
        var halfSecond = stackalloc long[] { 0, 200_000 };
        _ = Libc.setsockopt(_descriptor, Libc.SOL_SOCKET, Libc.SO_RCVTIMEO, halfSecond, 16);
    }

    /// <summary>Frames that the kernel had no room for since the last call.</summary>
    public uint TakeDropped()
    {
        var statistics = stackalloc uint[2];
        var length = 8u;
        return Libc.getsockopt(_descriptor, Libc.SOL_PACKET, Libc.PACKET_STATISTICS, statistics, &length) == 0 ? statistics[1] : 0;
    }

    /// <summary>Reads one frame; 0 when none came for a while.</summary>
    /// <param name="unixNs">When the frame entered the interface, in nanoseconds since 1970.</param>
    public int Receive(Span<byte> frame, out int interfaceIndex, out long unixNs)
    {
        var address = stackalloc byte[AddressBytes];
        var addressLength = (uint)AddressBytes;
        nint length;
        fixed (byte* buffer = frame)
            length = Libc.recvfrom(_descriptor, buffer, (nuint)frame.Length, 0, address, &addressLength);
        interfaceIndex = *(int*)(address + AddressInterfaceOffset);
        unixNs = 0;
        if (length < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            return errno is Libc.EAGAIN or Libc.EINTR ? 0 : throw new LabException($"cannot capture: errno {errno}");
        }

        var time = stackalloc long[2];
        if (Libc.ioctl(_descriptor, Libc.SIOCGSTAMPNS, time) == 0)
            unixNs = time[0] * 1_000_000_000 + time[1];
        return (int)length;
    }

    public void Dispose()
    {
        if (_descriptor >= 0)
            _ = Libc.close(_descriptor);
        _descriptor = -1;
    }

    private void Set(int level, int name, int value)
    {
        if (Libc.setsockopt(_descriptor, level, name, &value, sizeof(int)) != 0)
            throw new LabException($"cannot set option {name} of a packet socket: errno {Marshal.GetLastPInvokeError()}");
    }
}
