using System.Globalization;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Farm;
using SafeKit.Membership;
using SafeKit.Mirror;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>A mirror module's state in the words that users know.</summary>
public static class MirrorStateText
{
    public const string UpToDate = "uptodate";
    public const string NotUpToDate = "not uptodate";
    public const string Degraded = "degraded";

    public static Core.Control.ModuleState Of(ModuleContext context, MirrorModuleState state, MirrorLife? life, string? problem) => new(
        context.Name,
        "mirror",
        context.Id,
        state.State.ToString().ToUpperInvariant(),
        state.Status.ToString(),
        state.Rule,
        problem ?? life?.Problem,
        life?.Configuration.Signature.ToString("x16") ?? "",
        [],
        null,
        life is null ? [] : Resources(state, life),
        life is null ? null : Mirror(state, life));

    private static Core.Control.MirrorState Mirror(MirrorModuleState state, MirrorLife life)
    {
        var heart = life.Heart.Runner.Snapshot;
        return new Core.Control.MirrorState(
            life.Plan.Data is null ? "" : DataWord(state, life),
            life.Address.Answers,
            heart.LeaseRemainingMs,
            state.Remedy,
            Peer(state.Peer, heart, life.Plan),
            life.Plan.Data is { } settings ? Replication(settings, life) : null);
    }

    private static string DataWord(MirrorModuleState state, MirrorLife life) =>
        life.Data.IsDegraded && state.Announced.Leads ? Degraded
        : state.Announced.Leads || state.Announced.UpToDate || IsGoodAtRest(state) ? UpToDate
        : NotUpToDate;

    /// <summary>A stopped node whose record says that nobody is known to have gone on without it.</summary>
    private static bool IsGoodAtRest(MirrorModuleState state) => state.State == Modules.MirrorState.Stop && !state.Peer.HasNewerData
        && state.OwnData.Standing is MirrorDataStanding.Alone or MirrorDataStanding.Paired;

    private static MirrorPeerState Peer(MirrorPeer peer, HeartSnapshot heart, MirrorPlan plan) => new(
        plan.PeerName,
        peer.Presence.ToString().ToLowerInvariant(),
        peer.Said.State.ToString().ToUpperInvariant(),
        peer.Said.Status.ToString(),
        peer.Said.Rule,
        peer.Said.UpToDate || peer.Said.Leads,
        heart.Peer is null || heart.Peer.ConfigurationSignature == plan.Signature,
        heart.PeerHeardNs > 0 ? MonotonicClock.ToMs(MonotonicClock.NowNs - heart.PeerHeardNs) : null,
        heart.Peer?.Resources.Select(r => $"{r.Name}={r.Value}").ToList() ?? []);

    private static ReplicationState Replication(ReplicatedDataSettings settings, MirrorLife life)
    {
        var status = life.Data.Status;
        return new ReplicationState(
            status.Role.ToString().ToLowerInvariant(),
            status.Standing.ToString().ToLowerInvariant(),
            status.Paired,
            status.Connected,
            status.Operations,
            status.Bytes,
            status.WindowBytes,
            status.JournalOperations,
            status.DirtyBytes,
            status.LocalDiskUs,
            status.NetworkUs,
            status.RemoteDiskUs,
            life.Bandwidth.ReplicationKBs,
            life.Bandwidth.ReintegrationKBs,
            [.. settings.Directories.Select(d => d.Path)],
            status.Reintegration is { } progress ? Reintegration(progress) : null);
    }

    private static ReintegrationState Reintegration(ReintegrationProgress progress) => new(
        progress.Kind.ToString().ToLowerInvariant(),
        progress.Rule,
        progress.FilesDone,
        progress.FilesKnown,
        progress.BytesCompared,
        progress.BytesCopied,
        progress.BytesKnown,
        progress.Seconds,
        progress.SecondsLeft);

    private static List<ResourceState> Resources(MirrorModuleState state, MirrorLife life)
    {
        var now = DateTimeOffset.UtcNow;
        var list = life.Resources.Snapshot()
            .Select(r => new ResourceState(r.Name, r.Value.ToString().ToLowerInvariant(), r.Since, r.Reason))
            .ToList();
        void Add(string name, string value, string reason) => list.Add(new ResourceState(name, value, now, reason));
        Add("state.local", HeartWords.Words(state.State, state.Status), state.Rule);
        Add("state.remote", RemoteWords(state.Peer), state.Peer.Said.Rule);
        if (life.Plan.Data is not null)
        {
            var word = DataWord(state, life);
            Add("rfs.uptodate", word == NotUpToDate ? "down" : "up", life.Data.Status.Standing.ToString().ToLowerInvariant());
            Add("rfs.degraded", word == Degraded ? "up" : "down", "");
            if (life.Data.ReintegrationFailed is { } failed)
                Add("rfs.reintegre_failed", failed ? "true" : "false", "");
            Add("rfs.rep_bandwidth", Number(life.Bandwidth.ReplicationKBs), "KB/s");
            Add("rfs.rei_bandwidth", Number(life.Bandwidth.ReintegrationKBs), "KB/s");
        }

        return [.. list.OrderBy(r => r.Name, StringComparer.Ordinal)];
    }

    private static string RemoteWords(MirrorPeer peer) =>
        peer.Presence == MirrorPresence.Heard ? HeartWords.Words(peer.Said.State, peer.Said.Status) : "UNKNOWN";

    private static string Number(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
