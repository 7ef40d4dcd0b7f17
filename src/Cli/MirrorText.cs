using System.Globalization;
using SafeKit.Core.Control;

namespace SafeKit.Cli;

/// <summary>The details of a mirror in words: the other node, replication, reintegration.</summary>
public static class MirrorText
{
    private const double MegaByte = 1 << 20;

    public static void Print(MirrorState mirror)
    {
        Line(mirror.AnswersClients ? $"virtual address: answered here, lease {mirror.LeaseMs:0} ms" : (FormattableString)$"virtual address: not answered here");
        Peer(mirror.Peer);
        if (mirror.Replication is not { } replication)
            return;
        Replication(replication);
        if (replication.Reintegration is { } reintegration)
            Reintegration(reintegration);
    }

    private static void Peer(MirrorPeerState peer)
    {
        var heard = peer.HeardAgoMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $"heard {ms:0} ms ago") : "never heard";
        Line($"node {peer.Node}: {peer.State} {peer.Status}, {peer.Presence}, {heard}{(peer.SameConfiguration ? "" : ", another configuration")}");
        foreach (var resource in peer.Resources)
            Line($"  remote resource {resource}");
    }

    private static void Replication(ReplicationState state)
    {
        Line($"replicated: {string.Join(", ", state.Directories)}");
        Line($"data: {state.Standing}, {state.Role}, {(state.Connected ? "connected" : "not connected")}{(state.Paired ? ", paired" : "")}");
        Line($"since the role began: {state.Operations} operations, {state.Bytes / MegaByte:0.0} MB; under way {state.WindowBytes / MegaByte:0.0} MB");
        if (state.JournalOperations > 0 || state.DirtyBytes > 0)
            Line($"the other node misses {state.JournalOperations} operations, {state.DirtyBytes / MegaByte:0.0} MB");
        Line($"latency of a sync: local disk {state.LocalDiskUs:0} us, network {state.NetworkUs:0} us, remote disk {state.RemoteDiskUs:0} us");
    }

    private static void Reintegration(ReintegrationState state)
    {
        var left = state.SecondsLeft is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"about {seconds:0} s left") : "no estimate yet";
        Line($"reintegration ({state.Kind}): {state.FilesDone}/{state.FilesKnown} files, {state.Seconds:0} s, {left}; {state.Rule}");
        Line($"  compared {state.BytesCompared / MegaByte:0.0} MB, copied {state.BytesCopied / MegaByte:0.0} MB of {state.BytesKnown / MegaByte:0.0} MB");
    }

    private static void Line(FormattableString text) => Console.WriteLine("  " + text.ToString(CultureInfo.InvariantCulture));
}
