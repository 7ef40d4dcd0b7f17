using System.Numerics;
using SafeKit.Bench.Packets;
using SafeKit.Bench.Packets.Native;
using SafeKit.Core;
using SafeKit.Filter;
using SafeKit.Lab.Crowd;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.Bench.Crowd;

/// <summary>
/// What a packet costs that a drained node takes because it holds its connection: test runs of the very filter that the node's daemon has
/// attached, on packets of all its connections in turn and of one over and over, less an empty program fed in the same way.
/// </summary>
internal sealed unsafe class CrowdLookup(LabNode node, IReadOnlyList<int> connections)
{
    private const int Repeat = 200_000;
    private const int Rounds = 12;
    private const int Checks = 200;

    /// <summary>Nanoseconds over the empty program.</summary>
    public (double InTurnNs, double SameNs) Measure() => node.Machine.Network.Invoke(() =>
    {
        using BenchPrograms programs = BenchPrograms.Load();
        using BenchNetwork own = BenchNetwork.OfProcess(node.Machine.InitPid);
        using BenchNetwork idle = BenchNetwork.CreateAndEnter();
        using var generator = new PacketGenerator(programs);
        int link = AttachIdle(programs);
        int filter = Checked.Call(LibBpf.bpf_obj_get($"/proc/{node.Machine.InitPid}/root{node.Paths.Bpf}/xdp"), "open the node's filter");
        try
        {
            own.Enter();
            int[] shuffled = [.. connections];
            new Random(1).Shuffle(shuffled);
            CheckTaken(filter, shuffled);
            int clients = Math.Min(VariedClient.Max, 1 << BitOperations.Log2((uint)shuffled.Length));
            Write(programs, shuffled.AsSpan(0, clients));
            return (MeasureNs(programs, filter, clients), MeasureNs(programs, filter, 1));
        }
        finally
        {
            _ = LibC.close(filter);
            _ = LibC.close(link);
        }
    });

    /// <summary>For the reason that <see cref="PacketGenerator"/> gives.</summary>
    private static int AttachIdle(BenchPrograms programs)
    {
        BenchNetwork.Command(null, "ip", "link", "add", "vary0", "type", "veth", "peer", "name", "vary1");
        return BenchPrograms.Attach(programs.Vary, LibC.if_nametoindex("vary0"));
    }

    private static void CheckTaken(int filter, ReadOnlySpan<int> numbers)
    {
        foreach (int number in numbers[..Math.Min(Checks, numbers.Length)])
            _ = TestRun.MeasureNs(filter, Frame(number), 1, TestRun.XdpPass);
    }

    private static void Write(BenchPrograms programs, ReadOnlySpan<int> numbers)
    {
        for (uint key = 0; key < numbers.Length; key++)
        {
            TcpSegment ends = CrowdAddresses.EndsOf(numbers[(int)key]);
            var client = new VariedClient(ends.Source, ends.SourcePort);
            Checked.Call(LibBpf.bpf_map_update_elem(programs.Varied, &key, &client, 0), "name a client");
        }
    }

    private static double MeasureNs(BenchPrograms programs, int filter, int clients)
    {
        var differences = new List<double>();
        for (int round = 0; round < Rounds; round++)
        {
            double emptyNs = RunNs(programs, programs.Pass, clients);
            differences.Add(RunNs(programs, filter, clients) - emptyNs);
        }
        return Samples.Median(differences);
    }

    private static double RunNs(BenchPrograms programs, int behind, int clients)
    {
        uint zero = 0;
        var turns = new VariedTurns { Clients = (uint)clients };
        Checked.Call(LibBpf.bpf_map_update_elem(programs.Turns, &zero, &turns, 0), "set whose turn it is");
        Checked.Call(LibBpf.bpf_map_update_elem(programs.Behind, &zero, &behind, 0), "set what runs behind");
        return TestRun.MeasureNs(programs.Vary, Frame(0), Repeat, TestRun.XdpPass);
    }

    private static byte[] Frame(int number)
    {
        byte[] frame = new byte[TcpSegment.BytesMax];
        TcpSegment segment = CrowdAddresses.EndsOf(number) with { Flags = Filter.Packets.TcpFlags.Ack, Payload = 1 };
        _ = segment.Write(frame, MacAddress.Parse(LabAddresses.VirtualMac), BenchTraffic.ClientMac);
        return frame;
    }
}
