using SafeKit.Bench.Packets.Native;

namespace SafeKit.Bench.Packets;

/// <summary>Runs a program that decides without looking at the packet: what no filter can fall below.</summary>
internal sealed class BareReceiver : PacketReceiver
{
    private readonly int _link;

    public BareReceiver(PacketGenerator generator, int number, int program)
        : base(generator, number)
    {
        AddAddresses();
        _link = BenchPrograms.Attach(program, LibC.if_nametoindex(Device));
        OpenSockets();
    }

    public override void Dispose()
    {
        _ = LibC.close(_link);
        base.Dispose();
    }
}
