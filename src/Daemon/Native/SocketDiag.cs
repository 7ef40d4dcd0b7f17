using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;

namespace SafeKit.Daemon.Native;

/// <summary>
/// The kernel's TCP sockets, by <c>linux/sock_diag.h</c> and <c>linux/inet_diag.h</c> over netlink (sock_diag(7)): one dump for each family,
/// in the network namespace of this process. Half-open connections (request sockets) are among them, listeners and TIME_WAIT are not.
/// </summary>
internal static unsafe partial class SocketDiag
{
    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int NETLINK_SOCK_DIAG = 4;
    private const ushort SOCK_DIAG_BY_FAMILY = 20;
    private const ushort NLM_F_REQUEST_DUMP = 0x301;
    private const ushort NLMSG_ERROR = 2;
    private const ushort NLMSG_DONE = 3;
    private const byte AF_INET = 2;
    private const byte AF_INET6 = 10;
    private const byte IPPROTO_TCP = 6;

    private const int HeaderBytes = 16;
    private const int RequestBytes = HeaderBytes + 56;
    private const int AnswerBytesMax = 65536;

    // State numbers of net/tcp_states.h: everything but TIME_WAIT (6), CLOSE (7) and LISTEN (10); SYN_RECV (3) means request sockets too.
    private const uint States = 0xfff & ~(1u << 6) & ~(1u << 7) & ~(1u << 10) & ~1u;

    /// <summary>What is told of one connection; addresses of 4 or 16 bytes, IPv4 mapped into IPv6 as IPv4.</summary>
    public delegate void Sighting(ReadOnlySpan<byte> local, ushort localPort, ReadOnlySpan<byte> remote, ushort remotePort);

    /// <summary>A <c>struct inet_diag_msg</c> as the kernel wrote it.</summary>
    private delegate void RawSighting(ReadOnlySpan<byte> message);

    /// <exception cref="SafeKitException">The kernel refuses the question.</exception>
    public static void Dump(Sighting seen)
    {
        var fd = Open();
        try
        {
            DumpAll(fd, message => ReadSocket(message, seen));
        }
        finally
        {
            close(fd);
        }
    }

    private static int Open()
    {
        var fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
        return fd >= 0 ? fd : throw new SafeKitException(Errno.Describe("ask the kernel for its connections (netlink)", Errno.Last));
    }

    private static void DumpAll(int fd, RawSighting seen)
    {
        var buffer = new byte[AnswerBytesMax];
        DumpFamily(fd, AF_INET, buffer, seen);
        DumpFamily(fd, AF_INET6, buffer, seen);
    }

    private static void DumpFamily(int fd, byte family, byte[] buffer, RawSighting seen)
    {
        Span<byte> request = stackalloc byte[RequestBytes];
        request.Clear();
        MemoryMarshal.Write(request, (uint)RequestBytes);
        MemoryMarshal.Write(request[4..], SOCK_DIAG_BY_FAMILY);
        MemoryMarshal.Write(request[6..], NLM_F_REQUEST_DUMP);
        request[HeaderBytes] = family;
        request[HeaderBytes + 1] = IPPROTO_TCP;
        MemoryMarshal.Write(request[(HeaderBytes + 4)..], States);
        fixed (byte* start = request)
        {
            if (send(fd, start, RequestBytes, 0) != RequestBytes)
                throw new SafeKitException(Errno.Describe("ask the kernel for its connections (inet_diag)", Errno.Last));
        }

        while (true)
        {
            int length;
            fixed (byte* start = buffer)
                length = (int)recv(fd, start, AnswerBytesMax, 0);
            if (length < 0 && Errno.Last == Errno.EINTR)
                continue;
            if (length <= 0)
                throw new SafeKitException(Errno.Describe("read the kernel's connections (inet_diag)", Errno.Last));
            if (ReadMessages(buffer.AsSpan(0, length), seen))
                return;
        }
    }

    /// <summary>True after the last message of a dump.</summary>
    private static bool ReadMessages(ReadOnlySpan<byte> messages, RawSighting seen)
    {
        while (messages.Length >= HeaderBytes)
        {
            var length = (int)MemoryMarshal.Read<uint>(messages);
            var type = MemoryMarshal.Read<ushort>(messages[4..]);
            if (type == NLMSG_DONE)
                return true;
            if (type == NLMSG_ERROR)
                throw new SafeKitException(Errno.Describe("dump the kernel's connections", -MemoryMarshal.Read<int>(messages[HeaderBytes..])));
            if (length < HeaderBytes || length > messages.Length)
                throw new SafeKitException("the kernel's answer about its connections is malformed");
            if (type == SOCK_DIAG_BY_FAMILY)
                seen(messages[HeaderBytes..length]);
            messages = messages[Math.Min(messages.Length, (length + 3) & ~3)..];
        }

        return false;
    }

    /// <summary><c>struct inet_diag_msg</c>: family, state, two more bytes, then ports and addresses as they stand in packets.</summary>
    private static void ReadSocket(ReadOnlySpan<byte> message, Sighting seen)
    {
        var localPort = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        var remotePort = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        var local = message.Slice(8, 16);
        var remote = message.Slice(24, 16);
        if (message[0] == AF_INET)
            seen(local[..4], localPort, remote[..4], remotePort);
        else if (IsMapped(local) && IsMapped(remote))
            seen(local[12..], localPort, remote[12..], remotePort);
        else
            seen(local, localPort, remote, remotePort);
    }

    private static bool IsMapped(ReadOnlySpan<byte> address) =>
        !address[..10].ContainsAnyExcept((byte)0) && address[10] == 0xff && address[11] == 0xff;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int fd, byte* buffer, nint bytes, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int fd, byte* buffer, nint bytes, int flags);

    [LibraryImport("libc")]
    private static partial int close(int fd);
}
