using System.Net.Sockets;

namespace SafeKit.Filter.Tests.Support;

/// <summary>Sits on the client's interface: sends frames, and sees every frame that the server sends.</summary>
internal sealed class Judge : IDisposable
{
    private const int FrameBytesMax = 10_000;

    private readonly Socket _socket;

    public Judge(NodeNamespace node, string name = "eth0") => _socket = Namespaces.InNetworkOf(node.ClientPid, () =>
    {
        int ifindex = NodeInterface.ReadAll().First(one => one.Name == name).Index;
        var socket = new Socket(AddressFamily.Packet, SocketType.Raw, 0);
        socket.Bind(new PacketEndPoint(ifindex));
        return socket;
    });

    /// <summary>Every frame seen so far.</summary>
    public List<byte[]> Seen { get; } = [];

    public void Send(byte[] frame) => _socket.Send(frame);

    /// <summary>The first frame that fits, out of those that arrive within the time; null if none does.</summary>
    public byte[]? Await(Predicate<byte[]> fits, int timeoutMs)
    {
        long endMs = Environment.TickCount64 + timeoutMs;
        while (true)
        {
            int restMs = (int)Math.Max(0, endMs - Environment.TickCount64);
            if (!_socket.Poll(restMs * 1000, SelectMode.SelectRead))
                return null;
            byte[] buffer = new byte[FrameBytesMax];
            byte[] frame = buffer[.._socket.Receive(buffer)];
            Seen.Add(frame);
            if (fits(frame))
                return frame;
        }
    }

    public void Dispose() => _socket.Dispose();
}
