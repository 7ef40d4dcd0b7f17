using SafeKit.Bench.Packets.Native;

namespace SafeKit.Bench.Packets;

/// <summary>Drops everything by a program that does nothing else: what no filter can fall below.</summary>
internal sealed class BareDropReceiver : PacketReceiver
{
    private readonly int _link;

    public BareDropReceiver(PacketGenerator generator, int number, BenchPrograms programs)
        : base(generator, number)
    {
        AddAddresses();
        _link = BenchPrograms.Attach(programs.Drop, LibC.if_nametoindex(Device));
    }

    public override void Dispose()
    {
        _ = LibC.close(_link);
        base.Dispose();
    }
}
