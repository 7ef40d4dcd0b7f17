using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Membership.Native;

namespace SafeKit.Membership;

/// <summary>
/// One lan's socket, bound to this node's own address on it. Owns the socket. A network that is gone costs counters, never
/// an exception: it may come back.
/// </summary>
internal sealed unsafe class FarmLan : IDisposable
{
    private const int SOL_IP = 0;
    private const int IP_FREEBIND = 15;
    private const int SOL_IPV6 = 41;
    private const int IPV6_FREEBIND = 78;
    private const int SocketBufferBytes = 4 << 20;

    private readonly Socket _socket;
    private readonly byte[]?[] _addresses;
    private readonly long[] _heardNs;
    private readonly long[] _sendErrors;
    private readonly int[] _lastSendErrno;
    private readonly string _name;

    public FarmLan(LanSettings settings)
    {
        _name = settings.Name;
        int nodes = settings.Peers.Count;
        _addresses = new byte[nodes][];
        _heardNs = new long[nodes];
        _sendErrors = new long[nodes];
        _lastSendErrno = new int[nodes];
        for (int node = 0; node < nodes; node++)
        {
            if (settings.Peers[node] is { } address)
                _addresses[node] = address.Serialize().Buffer.ToArray();
        }

        _socket = new Socket(settings.Own.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            Bind(settings.Own);
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            string text = $"lan {_name}: cannot bind UDP {settings.Own}: {e.Message}. Does another daemon use the same port?";
            throw new SafeKitException(text, e);
        }
    }

    public int Fd => (int)_socket.Handle;

    public long Malformed { get; set; }

    public long Repeated { get; set; }

    public long Forged { get; set; }

    public IPEndPoint Bound => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>The length of the next datagram, or -1 if none waits.</summary>
    public int Receive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
            return (int)Libc.recv(Fd, start, (nuint)buffer.Length, Libc.MSG_DONTWAIT);
    }

    public void Send(NodeId to, ReadOnlySpan<byte> frame)
    {
        if (_addresses[to.Index] is not { } address)
            return;
        fixed (byte* start = frame)
        fixed (byte* name = address)
        {
            if (Libc.sendto(Fd, start, (nuint)frame.Length, Libc.MSG_DONTWAIT, name, (uint)address.Length) >= 0)
                return;
        }

        _sendErrors[to.Index]++;
        _lastSendErrno[to.Index] = Marshal.GetLastPInvokeError();
    }

    public void Heard(NodeId node, long nowNs) => _heardNs[node.Index] = nowNs;

    public LinkSnapshot Snapshot(long nowNs)
    {
        var peers = new List<LinkPeerSnapshot>();
        for (int node = 0; node < _addresses.Length; node++)
        {
            if (_addresses[node] is null)
                continue;
            double agoMs = _heardNs[node] == 0 ? -1 : MonotonicClock.ToMs(nowNs - _heardNs[node]);
            string error = _lastSendErrno[node] == 0 ? "" : Errno.Describe("send", _lastSendErrno[node]);
            peers.Add(new LinkPeerSnapshot(new NodeId((byte)node), agoMs, _sendErrors[node], error));
        }

        return new LinkSnapshot(_name, peers, Malformed, Repeated, Forged);
    }

    public void Dispose() => _socket.Dispose();

    private void Bind(IPEndPoint own)
    {
        bool six = own.AddressFamily == AddressFamily.InterNetworkV6;
        // The address may come up after us: bind to it all the same.
        _socket.SetRawSocketOption(six ? SOL_IPV6 : SOL_IP, six ? IPV6_FREEBIND : IP_FREEBIND, BitConverter.GetBytes(1));
        _socket.ReceiveBufferSize = SocketBufferBytes;
        _socket.SendBufferSize = SocketBufferBytes;
        _socket.Bind(own);
    }
}
