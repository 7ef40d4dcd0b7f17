using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using Xunit.Abstractions;

namespace SafeKit.Membership.Tests;

/// <summary>Three runners in this process, over real sockets on the loopback interface.</summary>
public sealed class RunnerTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task ThreeRunnersShareTheBucketsAndTakeOverFromOneThatStops(string address)
    {
        IPEndPoint?[] lan = FreePorts(IPAddress.Parse(address), 3);
        var sinks = new RecordingSink[3];
        var runners = new MembershipRunner[3];
        for (byte node = 0; node < 3; node++)
        {
            sinks[node] = new RecordingSink();
            runners[node] = new MembershipRunner(TestSettings.Runner(node, lan), sinks[node]);
            runners[node].Start();
        }

        try
        {
            await Task.WhenAll(sinks.Select(sink => sink.UntilMine(count => count is 1365 or 1366))).WaitAsync(_patience);

            // A planned stop: the buckets go first, then the node.
            Task others = Task.WhenAll(sinks[0].UntilMine(c => c == 2048), sinks[1].UntilMine(c => c == 2048));
            runners[2].Leave();
            await sinks[2].UntilMine(count => count == 0).WaitAsync(_patience);
            await others.WaitAsync(_patience);
            runners[2].Depart();
            await sinks[2].UntilLease(lease => lease == 0).WaitAsync(_patience);

            // A crash of the leader: silence, then the other one takes everything.
            Task alone = sinks[1].UntilMine(count => count == Limits.BucketsPerGroup);
            long crashedNs = MonotonicClock.NowNs;
            runners[0].Dispose();
            await alone.WaitAsync(_patience);
            output.WriteLine($"{address}: taken over {MonotonicClock.ToMs(MonotonicClock.NowNs - crashedNs):F0} ms after the crash");
            Assert.True(MonotonicClock.NowNs >= sinks[0].LeaseUntilNs, "nobody takes over before the lease has ended");
        }
        finally
        {
            foreach (MembershipRunner runner in runners)
                runner.Dispose();
        }
    }

    [Fact]
    public async Task AnUnexpectedFailureEndsTheLeaseAndAsksTheProcessToStop()
    {
        var fatal = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var sink = new RecordingSink { FailOnInstall = true };
        RunnerOptions options = TestSettings.Runner(0, FreePorts(IPAddress.Loopback, 1)) with { OnFatal = fatal.SetResult };
        using var runner = new MembershipRunner(options, sink);
        runner.Start();
        Exception cause = await fatal.Task.WaitAsync(_patience);
        Assert.IsType<IOException>(cause);
        Assert.Equal(0, sink.LeaseUntilNs);
    }

    private static IPEndPoint?[] FreePorts(IPAddress address, int count)
    {
        var sockets = new List<Socket>();
        for (int i = 0; i < count; i++)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, 0));
            sockets.Add(socket);
        }

        IPEndPoint?[] free = [.. sockets.Select(socket => (IPEndPoint)socket.LocalEndPoint!)];
        sockets.ForEach(socket => socket.Dispose());
        return free;
    }
}
