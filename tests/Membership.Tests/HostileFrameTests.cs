using System.Net;
using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership.Tests;

/// <summary>Whatever arrives at the heartbeat port from who has not the key changes nothing.</summary>
public sealed class HostileFrameTests
{
    private const int Frames = 100_000;

    [Fact]
    public void RandomAndMutatedFramesChangeNothing()
    {
        RunnerOptions options = TestSettings.Runner(0, [new IPEndPoint(IPAddress.Loopback, 0), null, null]);
        using var link = new FarmLink(options, options.Incarnation);
        var output = new RecordingOutput();
        var core = new MembershipCore(options.Settings, options.Incarnation, 1_000);
        core.Tick(1_000, output);
        int installed = output.Installed;
        string before = Describe(core);

        byte[] key = SealedFrame.PurposeKey(options.ClusterKey.Span, "farm/test");
        using var peer = new FrameSealer(key, new NodeId(1), 5);
        byte[] genuine = new byte[Heartbeat.Size + SealedFrame.OverheadBytes];
        byte[] plain = new byte[Heartbeat.Size];
        new Heartbeat { Sender = new NodeId(1), Incarnation = 5, Sequence = 1, ConfigurationSignature = 1 }.Format(plain);
        peer.Seal(plain, genuine);

        var random = new Random(11);
        byte[] frame = new byte[2000];
        for (int i = 0; i < Frames; i++)
        {
            int length = Mutate(random, genuine, frame, i);
            link.Accept(link.Lans[0], frame.AsSpan(0, length), core, 1_000, output);
        }

        Assert.Equal(before, Describe(core));
        Assert.Equal(installed, output.Installed);
        Assert.Equal(Frames, link.Lans[0].Malformed + link.Lans[0].Forged + link.Lans[0].Repeated);
        Assert.True(output.Decisions.Count(d => d.Rule == "wrong-key") <= 3, "reported once per peer and minute");
    }

    /// <summary>Beyond the seal: a member gone mad must not crash the others.</summary>
    [Fact]
    public void MutatedPlainFramesDoNotCrashTheCore()
    {
        var random = new Random(12);
        var output = new RecordingOutput();
        var core = new MembershipCore(TestSettings.Of(0, 3), 77, 0);
        byte[] plain = new byte[1300];
        long nowNs = 0;
        for (int i = 0; i < Frames; i++)
        {
            int length = random.Next(8) == 0 ? random.Next(plain.Length) : Heartbeat.Size;
            random.NextBytes(plain.AsSpan(0, length));
            plain[0] = WireVersion.Current;
            plain[1] = (byte)random.Next(1, 6);
            plain[2] = (byte)random.Next(4);
            plain.AsSpan(3, 8).Clear();
            plain[3] = (byte)random.Next(3);
            core.Receive(plain.AsSpan(0, length), nowNs += 100_000, output);
            if (nowNs >= core.NextTickNs)
                core.Tick(nowNs, output);
            Assert.True(core.NextTickNs > nowNs, "its timers go on");
        }
    }

    [Fact]
    public void AnotherConfigurationIsReportedOnceAndNotLetIn()
    {
        var output = new RecordingOutput();
        var core = new MembershipCore(TestSettings.Of(0, 3), 77, 0);
        byte[] plain = new byte[Heartbeat.Size];
        for (ulong i = 1; i < 10; i++)
        {
            new Heartbeat { Sender = new NodeId(1), Incarnation = 5, Sequence = i, ConfigurationSignature = 999 }.Format(plain);
            core.Receive(plain, (long)i * 1_000_000, output);
        }

        Assert.Single(output.Decisions, d => d.Rule == "configuration-differs");
        Assert.All(core.Snapshot(10_000_000).Peers, peer => Assert.False(peer.Contact));
    }

    private static int Mutate(Random random, byte[] genuine, byte[] frame, int round)
    {
        if (round % 2 == 0)
        {
            int length = random.Next(frame.Length);
            random.NextBytes(frame.AsSpan(0, length));
            if (length > 1 && random.Next(2) == 0)
                (frame[0], frame[1]) = (SealedFrame.Version, (byte)random.Next(4));
            return length;
        }

        genuine.CopyTo(frame, 0);
        frame[random.Next(genuine.Length)] ^= (byte)random.Next(1, 256);
        return random.Next(4) == 0 ? random.Next(genuine.Length) : genuine.Length;
    }

    private static string Describe(MembershipCore core)
    {
        MembershipSnapshot s = core.Snapshot(1_000);
        string peers = string.Join(';', s.Peers);
        return $"{s.Promised} {s.Active} {s.Follows} {s.LeaseRemainingMs} {s.LastDecision} {peers} {core.NextTickNs} {core.LeaseUntilNs}";
    }
}
