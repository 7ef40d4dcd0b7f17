using SafeKit.Bench.Packets.Native;

namespace SafeKit.Bench.Packets;

/// <summary>Sends frames of many clients from its own namespace to one receiver, as fast as one CPU can.</summary>
internal sealed unsafe class PacketGenerator : IDisposable
{
    private readonly BenchPrograms _programs;
    private readonly int[] _links;

    public PacketGenerator(BenchPrograms programs)
    {
        _programs = programs;
        Network = BenchNetwork.CreateAndEnter();
        // A test run of a program that is attached nowhere first patches the kernel's dispatcher of XDP programs, which
        // takes some 20 ms each time and would be measured: so these are attached, to a cable that carries nothing.
        BenchNetwork.Command(null, "ip", "link", "add", "idle0", "type", "veth", "peer", "name", "idle1");
        _links =
        [
            BenchPrograms.Attach(programs.Pass, LibC.if_nametoindex("idle0")),
            BenchPrograms.Attach(programs.Generate, LibC.if_nametoindex("idle1")),
        ];
    }

    /// <summary>The namespace of the sending ends.</summary>
    public BenchNetwork Network { get; }

    /// <summary>Nanoseconds of CPU per frame, sending and receiving together; receiver null: the generator's own.</summary>
    public double MeasureNs(PacketReceiver? receiver, TrafficKind kind, int packets)
    {
        byte[] frame = BenchTraffic.Datagram(receiver?.DestinationMac(kind == TrafficKind.Ipv6) ?? default, kind);
        var settings = new TrafficSettings
        {
            Ifindex = receiver?.SendingIfindex ?? 0,
            HeaderSum = BenchTraffic.HeaderSum(frame),
        };
        uint key = 0;
        Checked.Call(LibBpf.bpf_map_update_elem(_programs.Traffic, &key, &settings, 0), "direct the traffic");
        Network.Enter();
        return TestRun.MeasureLiveNs(_programs.Generate, frame, packets);
    }

    public void Dispose()
    {
        foreach (int link in _links)
            _ = LibC.close(link);
        Network.Dispose();
    }
}
