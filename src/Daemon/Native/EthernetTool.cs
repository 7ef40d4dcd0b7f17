using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace SafeKit.Daemon.Native;

/// <summary>ETHTOOL_GLINK of <c>linux/ethtool.h</c>: whether a cable is plugged in, without the delay of IFF_RUNNING.</summary>
internal sealed unsafe partial class EthernetTool : IDisposable
{
    private const nuint SIOCETHTOOL = 0x8946;
    private const uint ETHTOOL_GLINK = 0x0a;
    private const int NameBytes = 16;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    /// <returns>null where the interface does not say, or is gone.</returns>
    public bool? HasCarrier(string interfaceName)
    {
        Request request = default;
        var value = stackalloc uint[] { ETHTOOL_GLINK, 0 };
        Encoding.ASCII.GetBytes(interfaceName, new Span<byte>(request.Name, NameBytes - 1));
        request.Data = (nint)value;
        return ioctl((int)_socket.Handle, SIOCETHTOOL, &request) == 0 ? value[1] != 0 : null;
    }

    /// <summary>The kernel's number of an interface; 0 when there is none of that name.</summary>
    public static uint Index(string interfaceName) => if_nametoindex(interfaceName);

    public void Dispose() => _socket.Dispose();

    [LibraryImport("libc")]
    private static partial int ioctl(int fd, nuint request, Request* argument);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint if_nametoindex(string name);

    /// <summary><c>struct ifreq</c>, as large as its largest member.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Request
    {
        public fixed byte Name[NameBytes];
        public nint Data;
        public fixed byte Rest[16];
    }
}
