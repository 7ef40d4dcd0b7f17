using System.Net;
using SafeKit.Core;

namespace SafeKit.Membership.Tests;

/// <summary>Settings that several tests share.</summary>
internal static class TestSettings
{
    public static readonly byte[] ClusterKey = [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 3))];

    public static MembershipSettings Of(byte self, int nodes) => new()
    {
        NodeCount = nodes,
        Self = new NodeId(self),
        ConfigurationSignature = 1,
        Groups = [new GroupSettings("default", [.. Enumerable.Repeat(1, nodes)])],
    };

    public static RunnerOptions Runner(byte self, IReadOnlyList<IPEndPoint?> lan) => new()
    {
        Settings = Of(self, lan.Count),
        Lans = [new LanSettings("default", lan[self]!, lan)],
        ClusterKey = ClusterKey,
        Module = "test",
        Incarnation = (ulong)MonotonicClock.NowNs,
        OnFatal = cause => Environment.FailFast("membership", cause),
    };
}
