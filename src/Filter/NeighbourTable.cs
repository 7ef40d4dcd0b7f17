using System.Net;
using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>The kernel's table of neighbours: which MAC an address on a link has (rtnetlink(7), RTM_GETNEIGH). One read, no process.</summary>
public static unsafe class NeighbourTable
{
    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private const int SOCK_CLOEXEC = 0x80000;
    private const ushort NLMSG_ERROR = 2;
    private const ushort NLMSG_DONE = 3;
    private const ushort RTM_NEWNEIGH = 28;
    private const ushort RTM_GETNEIGH = 30;
    private const ushort NLM_F_REQUEST_DUMP = 0x301;
    private const ushort NDA_DST = 1;
    private const ushort NDA_LLADDR = 2;

    /// <summary>NUD_REACHABLE, STALE, DELAY, PROBE, PERMANENT: the entry has a MAC.</summary>
    private const ushort StatesWithMac = 0x02 | 0x04 | 0x08 | 0x10 | 0x80;
    private const int HeaderBytes = 16;
    private const int EntryBytes = 12;
    private const int BufferBytes = 1 << 16;

    /// <summary>MACs by interface and address.</summary>
    /// <exception cref="SafeKitException">The kernel refuses.</exception>
    public static IReadOnlyDictionary<(int Ifindex, IPAddress Address), MacAddress> Read()
    {
        int socket = LibC.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (socket < 0)
            throw Failure();
        try
        {
            Ask(socket);
            var found = new Dictionary<(int, IPAddress), MacAddress>();
            byte[] buffer = new byte[BufferBytes];
            while (Receive(socket, buffer, found))
            {
            }
            return found;
        }
        finally
        {
            LibC.close(socket);
        }
    }

    private static void Ask(int socket)
    {
        byte* request = stackalloc byte[HeaderBytes + EntryBytes];
        var span = new Span<byte>(request, HeaderBytes + EntryBytes);
        span.Clear();
        Write(span, 0, (uint)span.Length);
        Write(span, 4, RTM_GETNEIGH);
        Write(span, 6, NLM_F_REQUEST_DUMP);
        if (LibC.send(socket, request, (nuint)span.Length, 0) != span.Length)
            throw Failure();
    }

    /// <returns>Whether there is more.</returns>
    private static bool Receive(int socket, byte[] buffer, Dictionary<(int, IPAddress), MacAddress> found)
    {
        nint bytes;
        fixed (byte* start = buffer)
            bytes = LibC.recv(socket, start, (nuint)buffer.Length, 0);
        if (bytes <= 0)
            throw Failure();
        ReadOnlySpan<byte> rest = buffer.AsSpan(0, (int)bytes);
        while (rest.Length >= HeaderBytes)
        {
            int length = Math.Clamp((int)MemoryMarshal.Read<uint>(rest), HeaderBytes, rest.Length);
            ushort type = MemoryMarshal.Read<ushort>(rest[4..]);
            if (type == NLMSG_ERROR)
                throw new SafeKitException("read the table of neighbours: the kernel refused");
            if (type == NLMSG_DONE)
                return false;
            if (type == RTM_NEWNEIGH && length >= HeaderBytes + EntryBytes)
                ReadEntry(rest[HeaderBytes..length], found);
            rest = rest[Math.Min(Aligned(length), rest.Length)..];
        }
        return true;
    }

    private static void ReadEntry(ReadOnlySpan<byte> entry, Dictionary<(int, IPAddress), MacAddress> found)
    {
        int ifindex = MemoryMarshal.Read<int>(entry[4..]);
        ushort state = MemoryMarshal.Read<ushort>(entry[8..]);
        IPAddress? address = null;
        MacAddress? mac = null;
        ReadOnlySpan<byte> rest = entry[EntryBytes..];
        while (rest.Length >= 4)
        {
            int length = Math.Clamp((int)MemoryMarshal.Read<ushort>(rest), 4, rest.Length);
            ReadOnlySpan<byte> value = rest[4..length];
            ushort type = MemoryMarshal.Read<ushort>(rest[2..]);
            if (type == NDA_DST && value.Length is 4 or 16)
                address = new IPAddress(value);
            else if (type == NDA_LLADDR && value.Length == MacAddress.Bytes)
                mac = MacAddress.Read(value);
            rest = rest[Math.Min(Aligned(length), rest.Length)..];
        }
        if ((state & StatesWithMac) != 0 && address is not null && mac is { } known)
            found[(ifindex, address)] = known;
    }

    private static int Aligned(int length) => (length + 3) & ~3;

    private static void Write<T>(Span<byte> at, int offset, T value)
        where T : unmanaged => MemoryMarshal.Write(at[offset..], value);

    private static SafeKitException Failure() => new(Errno.Describe("read the table of neighbours", Marshal.GetLastPInvokeError()));
}
