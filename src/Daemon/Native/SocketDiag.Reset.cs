using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;

namespace SafeKit.Daemon.Native;

/// <summary>Ending connections from outside of the programs that have them (<c>SOCK_DESTROY</c>): the other side gets a reset.</summary>
internal static unsafe partial class SocketDiag
{
    private const ushort SOCK_DESTROY = 21;
    private const ushort NLM_F_REQUEST_ACK = 5;
    private const int IdOffset = 4;
    private const int IdBytes = 48;

    /// <summary>Resets the connections whose local address is wanted, and returns how many. Listeners stay.</summary>
    /// <exception cref="SafeKitException">The kernel refuses, or cannot do that.</exception>
    public static int Reset(Predicate<byte[]> isWanted)
    {
        var fd = Open();
        try
        {
            // The kernel's own words for each: family and struct inet_diag_sockid. Its cookie names this very socket; without one a
            // connection that has ended meanwhile would stand for the listener on its port.
            var found = new List<byte[]>();
            DumpAll(fd, message =>
            {
                var wanted = false;
                ReadSocket(message, (local, _, _, _) => wanted = isWanted(local.ToArray()));
                if (wanted)
                    found.Add([message[0], .. message.Slice(IdOffset, IdBytes)]);
            });
            return found.Count(key => Destroy(fd, key));
        }
        finally
        {
            close(fd);
        }
    }

    /// <summary>False for a connection that has ended by itself.</summary>
    private static bool Destroy(int fd, byte[] key)
    {
        Span<byte> request = stackalloc byte[RequestBytes];
        request.Clear();
        MemoryMarshal.Write(request, (uint)RequestBytes);
        MemoryMarshal.Write(request[4..], SOCK_DESTROY);
        MemoryMarshal.Write(request[6..], NLM_F_REQUEST_ACK);
        request[HeaderBytes] = key[0];
        request[HeaderBytes + 1] = IPPROTO_TCP;
        MemoryMarshal.Write(request[(HeaderBytes + 4)..], States);
        key.AsSpan(1).CopyTo(request[(HeaderBytes + 8)..]);
        Span<byte> answer = stackalloc byte[HeaderBytes + 4 + RequestBytes];
        fixed (byte* asked = request, told = answer)
        {
            if (send(fd, asked, RequestBytes, 0) != RequestBytes || recv(fd, told, answer.Length, 0) < HeaderBytes + 4)
                throw new SafeKitException(Errno.Describe("reset a connection (inet_diag)", Errno.Last));
        }

        var errno = -MemoryMarshal.Read<int>(answer[HeaderBytes..]);
        return errno switch
        {
            0 => true,
            Errno.ENOENT or Errno.ESTALE => false,
            _ => throw new SafeKitException(Errno.Describe("reset a connection (SOCK_DESTROY; needs CONFIG_INET_DIAG_DESTROY)", errno)),
        };
    }
}
