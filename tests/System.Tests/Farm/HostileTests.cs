using System.Net;
using System.Net.Sockets;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>A3: whatever arrives at the heartbeat ports, no daemon dies and the view stays.</summary>
[Collection(FarmCollection.Name)]
public sealed class HostileTests(FarmFixture farm)
{
    private const int ClusterPort = 4800;
    private const int FarmPort = 4803;
    private const int Datagrams = 6000;
    private const int Seed = 20_260_101;

    [RootFact]
    public async Task Random_replayed_and_mutated_datagrams_change_nothing()
    {
        var stage = await farm.WholeAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));
        var captured = stage.Wire.Judge.Heartbeats();
        Assert.NotEmpty(captured);
        var before = await stage.Lab.PictureAsync();
        var pids = stage.Lab.Nodes.Select(node => node.DaemonPid).ToList();
        var suspicions = Suspicions(stage);
        await using var load = stage.StartLoad();

        var seen = await load.DuringAsync(() => Task.Run(() => Attack(stage, captured)));

        Assert.Equal(pids, stage.Lab.Nodes.Select(node => node.DaemonPid));
        Assert.All(stage.Lab.Nodes, node => Assert.True(node.IsDaemonRunning, node.LogTail(20)));
        Assert.True(seen.Failures == 0, seen.ErrorText);
        var after = await stage.Lab.PictureAsync();
        Assert.True(after.IsWhole(stage.Lab.NodeNames), after.Describe());

        // Not the view's number: one in which former holders are forgotten may come at any time.
        Assert.All(stage.Lab.NodeNames, node => Assert.Equal(before.Buckets(node), after.Buckets(node)));
        Assert.Equal(suspicions, Suspicions(stage));
    }

    private static int Suspicions(FarmStage stage) => stage.Lab.Nodes.Sum(
        node => File.ReadLines(node.DaemonLog).Count(line => line.Contains("rule=crash-detected", StringComparison.Ordinal)));

    private static void Attack(FarmStage stage, IReadOnlyList<byte[]> captured)
    {
        var random = new Random(Seed);
        using var socket = stage.Lab.Clients[0].Network.Invoke(
            () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        for (var count = 0; count < Datagrams; count++)
        {
            var node = IPAddress.Parse(stage.Lab.Nodes[random.Next(stage.Lab.Nodes.Count)].Address4);
            var port = random.Next(10) == 0 ? ClusterPort : FarmPort;
            socket.SendTo(Make(random, captured), new IPEndPoint(node, port));
            if (count % 20 == 0)
                Thread.Sleep(10);
        }
    }

    private static byte[] Make(Random random, IReadOnlyList<byte[]> captured)
    {
        var datagram = (byte[])captured[random.Next(captured.Count)].Clone();
        switch (random.Next(4))
        {
            case 0: // random from the first byte to the last
                datagram = new byte[random.Next(0, 1472)];
                random.NextBytes(datagram);
                break;
            case 1: // true, only old and from elsewhere
                break;
            case 2: // one bit turned
                if (datagram.Length > 0)
                    datagram[random.Next(datagram.Length)] ^= (byte)(1 << random.Next(8));
                break;
            default: // cut short or with something added
                Array.Resize(ref datagram, random.Next(0, datagram.Length + 64));
                break;
        }

        return datagram;
    }
}
