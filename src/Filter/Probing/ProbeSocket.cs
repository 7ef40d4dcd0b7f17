using System.Buffers.Binary;
using System.Net.Sockets;
using SafeKit.Core;

namespace SafeKit.Filter.Probing;

/// <summary>
/// Sends and receives probe frames on one interface (packet(7)). What it changes of the interface's reception is counted by the kernel and ends
/// with the socket, so that neither a running farm nor a program killed in between leaves or loses anything. Owns a descriptor.
/// </summary>
public sealed class ProbeSocket : IDisposable
{
    private const int SOL_PACKET = 263;
    private const int PACKET_ADD_MEMBERSHIP = 1;
    private const ushort PACKET_MR_PROMISC = 1;
    private const ushort PACKET_MR_UNICAST = 3;
    private const int MembershipBytes = 16;
    private const string BridgeKind = "bridge";

    private readonly ProbeDevice _device;
    private readonly Socket _socket;
    private readonly PacketEndPoint _endPoint;
    private readonly byte[] _received = new byte[2 * ProbeFrame.Bytes];

    /// <exception cref="SafeKitException">The kernel refuses, or the interface is gone.</exception>
    public ProbeSocket(ProbeDevice device)
    {
        _device = device;
        _endPoint = new PacketEndPoint(device.Index, BinaryPrimitives.ReverseEndianness(ProbeFrame.EtherType));
        try
        {
            // Without a protocol it receives nothing until it is bound, and then these frames only.
            _socket = new Socket(AddressFamily.Packet, SocketType.Raw, 0);
            _socket.Bind(_endPoint);
        }
        catch (SocketException e)
        {
            _socket?.Dispose();
            throw new SafeKitException($"interface {device.Name}: test frames cannot be received: {e.Message}", e);
        }
    }

    /// <summary>Receives frames for this MAC too, by the means that the farm uses: secondary unicast filter, else promiscuous mode.</summary>
    /// <exception cref="SafeKitException">Neither is possible.</exception>
    public void Accept(MacAddress mac)
    {
        if (_device.Kind == BridgeKind || !TryJoin(PACKET_MR_UNICAST, mac))
            AcceptAll();
    }

    /// <summary>Puts the interface into promiscuous mode, for as long as the socket is open.</summary>
    /// <exception cref="SafeKitException">The kernel refuses.</exception>
    public void AcceptAll()
    {
        if (!TryJoin(PACKET_MR_PROMISC, default))
            throw new SafeKitException($"interface {_device.Name}: promiscuous mode was refused");
    }

    /// <returns>Whether the interface took it; a cable that is out takes nothing.</returns>
    public bool TrySend(in ProbeFrame frame)
    {
        byte[] bytes = new byte[ProbeFrame.Bytes];
        frame.Write(_device.Mac, bytes);
        try
        {
            return _socket.SendTo(bytes, _endPoint) == bytes.Length;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.NetworkDown or SocketError.NoBufferSpaceAvailable)
        {
            return false;
        }
    }

    /// <returns>null when what came is no probe frame.</returns>
    /// <exception cref="SocketException">The interface is gone.</exception>
    public async ValueTask<ProbeFrame?> ReceiveAsync(CancellationToken cancel)
    {
        try
        {
            int length = await _socket.ReceiveAsync(_received, cancel);
            return ProbeFrame.Read(_received.AsSpan(0, length));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.NetworkDown)
        {
            // Told once when the link goes down; when it is up again frames come again.
            return null;
        }
    }

    /// <summary>Reads what has arrived already; nobody else may be reading.</summary>
    /// <param name="frame">null when it is no probe frame.</param>
    /// <returns>Whether there was anything.</returns>
    public bool TryReceive(out ProbeFrame? frame)
    {
        frame = null;
        if (!_socket.Poll(0, SelectMode.SelectRead))
            return false;
        try
        {
            int length = _socket.Receive(_received);
            frame = ProbeFrame.Read(_received.AsSpan(0, length));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.NetworkDown)
        {
            // As in ReceiveAsync.
        }
        return true;
    }

    public void Dispose() => _socket.Dispose();

    /// <summary><c>struct packet_mreq</c>.</summary>
    private bool TryJoin(ushort kind, MacAddress mac)
    {
        byte[] membership = new byte[MembershipBytes];
        BinaryPrimitives.WriteInt32LittleEndian(membership, _device.Index);
        BinaryPrimitives.WriteUInt16LittleEndian(membership.AsSpan(4), kind);
        BinaryPrimitives.WriteUInt16LittleEndian(membership.AsSpan(6), kind == PACKET_MR_UNICAST ? (ushort)MacAddress.Bytes : (ushort)0);
        mac.Write(membership.AsSpan(8));
        try
        {
            _socket.SetRawSocketOption(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
