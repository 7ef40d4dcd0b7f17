using SafeKit.Core;
using SafeKit.Simulation;

namespace SafeKit.Membership.Tests;

public sealed class ViewTransferTests
{
    private const long MsNs = 1_000_000;

    /// <summary>So many that what changes with one of the weaker nodes is a single part.</summary>
    private const int Many = 12;
    private const int Weak = 10;

    /// <summary>Eight nodes, sixteen groups with tables of their own: a move costs its buckets, not the table.</summary>
    [Fact]
    public void MembersAreSentWhatChanges()
    {
        Cluster cluster = Whole(nodes: 8, groups: 16);
        int whole = cluster.Nodes[0].Active!.Encoded.Length;
        cluster.TableBytes.AsSpan().Clear();
        cluster.Nodes[7].PowerOff();
        Assert.True(cluster.RunUntilTrue(() => ConvergenceChecker.Missing(cluster) is null && cluster.TableBytes[1] > 0, 1_000 * MsNs));
        Assert.InRange(cluster.TableBytes[1], 1, whole / 4);
        Assert.Equal(0, cluster.TableBytes[0]);
    }

    /// <summary>A table of many bursts comes in as many round trips, not pulses.</summary>
    [Fact]
    public void ANewcomerIsSentALargeTableWithinAPulseOfTheDecision()
    {
        Cluster cluster = Whole(nodes: 5, groups: 48);
        cluster.Nodes[4].PowerOff();
        cluster.RunFor(2_000 * MsNs);
        long proposedNs = 0;
        long acquiredNs = 0;
        cluster.OnDecision = (node, decision) =>
        {
            if (node.Index == 0 && decision.Text.Contains("because=members-changed", StringComparison.Ordinal))
                proposedNs = cluster.NowNs;
            if (node.Index == 4 && decision.Rule == "acquire" && proposedNs != 0 && acquiredNs == 0)
                acquiredNs = cluster.NowNs;
        };
        cluster.TableBytes.AsSpan().Clear();
        cluster.Nodes[4].Start();
        cluster.RunFor(2_000 * MsNs);
        Assert.True(cluster.TableBytes[4] > 3 * 64 * ViewPart.PayloadBytesMax, $"{cluster.TableBytes[4]} bytes are several bursts");
        Assert.InRange((acquiredNs - proposedNs) / MsNs, 1, 50);
    }

    /// <summary>A difference to a base that is not what its name says is refused, and the view comes whole.</summary>
    [Fact]
    public void ADamagedDifferenceIsRefusedAndTheWholeIsAskedFor()
    {
        Cluster cluster = Whole(Many, groups: 1);
        var rules = new List<string>();
        cluster.OnDecision = (node, decision) =>
        {
            if (node.Index == 1)
                rules.Add(decision.Rule);
        };
        cluster.OnTransmit = DamageDifference;
        cluster.Nodes[Weak].PowerOff();
        Assert.True(cluster.RunUntilTrue(() => ConvergenceChecker.Missing(cluster) is null && rules.Contains("acquire"), 1_000 * MsNs));
        Assert.Single(rules, "difference-refused");

        cluster.OnTransmit = null;
        rules.Clear();
        cluster.Nodes[Weak].Start();
        cluster.RunFor(2_000 * MsNs);
        Assert.Null(ConvergenceChecker.Missing(cluster));
        Assert.DoesNotContain("difference-refused", rules);
    }

    /// <summary>As if the sender held another view under the same name: the parts are in order, the digest of the base is not.</summary>
    private static byte[] DamageDifference(byte[] frame)
    {
        if (!ViewPart.TryParse(frame, out ViewPart part) || !part.IsDifference || part.Count != 1)
            return frame;
        byte[] payload = part.Payload.ToArray();
        payload[ViewId.Size] ^= 1;
        var damaged = new ViewPart
        {
            Sender = part.Sender,
            Incarnation = part.Incarnation,
            View = part.View,
            IsDifference = true,
            Index = 0,
            Count = 1,
            ViewBytes = part.ViewBytes,
            Digest = ViewCodec.Digest(payload),
            Payload = payload,
        };
        byte[] damagedFrame = new byte[frame.Length];
        damaged.Format(damagedFrame);
        return damagedFrame;
    }

    private static Cluster Whole(int nodes, int groups)
    {
        var cluster = new Cluster(new SimulationOptions { Seed = 4, Nodes = nodes, Groups = SimulationOptions.GroupsOfOwnTables(groups, nodes) });
        foreach (SimulatedNode node in cluster.Nodes)
            node.Start();
        cluster.RunFor(4_000 * MsNs);
        Assert.Null(ConvergenceChecker.Missing(cluster));
        return cluster;
    }
}
