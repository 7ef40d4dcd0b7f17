using System.Net.Security;

namespace SafeKit.Mirror.Stream;

/// <summary>The encrypted connection between the nodes.</summary>
public sealed class ReplicationStream : SslStream
{
    private readonly ReplicationWire _wire;

    internal ReplicationStream(ReplicationWire wire)
        : base(wire, leaveInnerStreamOpen: false) => _wire = wire;

    /// <summary>Whether more can be read without waiting for the network.</summary>
    public bool HasMore => _wire.HasMore;

    /// <summary>Whether some ten kibibytes can be written without waiting for the network.</summary>
    public bool HasRoom => _wire.HasRoom;

    /// <summary>A write that takes longer ends the connection.</summary>
    public void LimitWrites(TimeSpan limit) => _wire.LimitWrites(limit);

    /// <summary>A read that takes longer ends the connection.</summary>
    public void LimitReads(TimeSpan limit) => _wire.LimitReads(limit);

    /// <summary>Sends many TLS records with few system calls. Nobody else may be writing.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        _wire.Gathers = true;
        Write(bytes);
        _wire.Flush();
        _wire.Gathers = false;
    }
}
