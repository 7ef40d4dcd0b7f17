using System.Net;
using System.Net.Sockets;
using SafeKit.Core;

namespace SafeKit.Membership.Tests;

/// <summary>Two hearts in this process, over real sockets on the loopback interface, on two lans.</summary>
public sealed class HeartRunnerTests
{
    private const int PulseMs = 50;
    private const int TimeoutMs = 400;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task TheyHearEachOtherAndOneTakesOverFromOneThatIsLost(string address)
    {
        (IPEndPoint?[] one, IPEndPoint?[] two) = (FreePorts(IPAddress.Parse(address)), FreePorts(IPAddress.Parse(address)));
        var sinks = new[] { new HeartSink(), new HeartSink() };
        using var first = new HeartRunner(Options(0, one, two), sinks[0]);
        using var second = new HeartRunner(Options(1, one, two), sinks[1]);
        first.Start();
        second.Start();
        await Task.WhenAll(sinks.Select(sink => sink.UntilToldAsync("heard 0")));

        first.TakeAddress();
        await sinks[0].UntilToldAsync("lease");
        first.Tell(new HeartContent { State = 2 });
        await sinks[1].UntilToldAsync("heard 2");

        first.Dispose();
        await sinks[1].UntilToldAsync("lost");
        Assert.True(MonotonicClock.NowNs > sinks[0].LeaseUntilNs, "the lease has ended before the other one may act");
        Assert.Equal(HeartContact.Lost, second.Snapshot.Contact);
        second.TakeAddress();
        await sinks[1].UntilToldAsync("lease");
        await second.GiveUpAddressAsync().WaitAsync(_patience);
        Assert.Equal(0, sinks[1].LeaseUntilNs);
    }

    [Fact]
    public async Task TheLastWordArrives()
    {
        (IPEndPoint?[] one, IPEndPoint?[] two) = (FreePorts(IPAddress.Loopback), FreePorts(IPAddress.Loopback));
        var sinks = new[] { new HeartSink(), new HeartSink() };
        using var first = new HeartRunner(Options(0, one, two), sinks[0]);
        using var second = new HeartRunner(Options(1, one, two), sinks[1]);
        first.Start();
        second.Start();
        await sinks[1].UntilToldAsync("heard 0");
        await first.LeaveAsync(new HeartContent { Marks = HeartMarks.LeftInGoodOrder }).WaitAsync(_patience);
        await sinks[1].UntilToldAsync("left");
    }

    [Fact]
    public async Task AnUnexpectedFailureEndsTheLeaseAndAsksTheProcessToStop()
    {
        var fatal = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        (IPEndPoint?[] one, IPEndPoint?[] two) = (FreePorts(IPAddress.Loopback), FreePorts(IPAddress.Loopback));
        var sink = new HeartSink { FailOnLease = true };
        using var runner = new HeartRunner(Options(0, one, two) with { OnFatal = fatal.SetResult }, sink);
        runner.TakeAddress();
        runner.Start();
        Assert.IsType<IOException>(await fatal.Task.WaitAsync(_patience));
        Assert.Equal(0, sink.LeaseUntilNs);
    }

    [Fact]
    public void WhoHasNotTheKeyChangesNothing()
    {
        (IPEndPoint?[] one, IPEndPoint?[] two) = (FreePorts(IPAddress.Loopback), FreePorts(IPAddress.Loopback));
        HeartOptions options = Options(0, one, two);
        using var link = new HeartLink(options);
        var twin = new HeartTwin(0, 2);
        byte[] key = Core.Wire.SealedFrame.PurposeKey(options.ClusterKey.Span, "heart/test");
        using var peer = new Core.Wire.FrameSealer(key, new NodeId(1), 5);
        byte[] plain = new byte[HeartFrame.HeaderBytes + new HeartContent().Format().Length];
        new HeartFrame(new NodeId(1), 5, 1, 0, 0, HeartFrameFlags.None).Format(plain);
        new HeartContent().Format().CopyTo(plain, HeartFrame.HeaderBytes);
        byte[] genuine = new byte[plain.Length + Core.Wire.SealedFrame.OverheadBytes];
        peer.Seal(plain, genuine);

        var random = new Random(3);
        byte[] frame = new byte[2000];
        for (int i = 0; i < 100_000; i++)
        {
            int length = Mutate(random, genuine, frame, i);
            link.Accept(i % 2, frame.AsSpan(0, length), twin.Core, 1_000, twin);
        }

        Assert.Empty(twin.Told);
        Assert.Equal(["wrong-key"], twin.Rules);
        link.Accept(0, genuine, twin.Core, 1_000, twin);
        Assert.Equal("heard 0", twin.Told[0]);
    }

    private static int Mutate(Random random, byte[] genuine, byte[] frame, int round)
    {
        if (round % 2 == 0)
        {
            int length = random.Next(frame.Length);
            random.NextBytes(frame.AsSpan(0, length));
            return length;
        }

        genuine.CopyTo(frame, 0);
        frame[random.Next(genuine.Length)] ^= (byte)random.Next(1, 256);
        return random.Next(4) == 0 ? random.Next(genuine.Length) : genuine.Length;
    }

    private static HeartOptions Options(byte self, IPEndPoint?[] one, IPEndPoint?[] two) => new()
    {
        Incarnation = (ulong)MonotonicClock.NowNs,
        Settings = new HeartSettings
        {
            Self = new NodeId(self),
            Peer = new NodeId((byte)(1 - self)),
            Lans = [new HeartLanTiming(PulseMs, TimeoutMs), new HeartLanTiming(PulseMs, TimeoutMs)],
        },
        Lans = [new LanSettings("one", one[self]!, one), new LanSettings("two", two[self]!, two)],
        ClusterKey = TestSettings.ClusterKey,
        Module = "test",
        Content = new HeartContent(),
        OnFatal = cause => Environment.FailFast("heart", cause),
    };

    private static IPEndPoint?[] FreePorts(IPAddress address)
    {
        Socket[] sockets = [Bound(address), Bound(address)];
        IPEndPoint?[] free = [.. sockets.Select(socket => (IPEndPoint)socket.LocalEndPoint!)];
        foreach (Socket socket in sockets)
            socket.Dispose();
        return free;
    }

    private static Socket Bound(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }
}
