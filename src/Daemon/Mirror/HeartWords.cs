using SafeKit.Membership;
using SafeKit.Mirror.Generations;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>The machine's words in the heart's, and back; the data's in the machine's.</summary>
public static class HeartWords
{
    public static HeartContent Content(MirrorAnnouncement announcement) => new()
    {
        State = (byte)announcement.State,
        Status = (byte)announcement.Status,
        Rule = announcement.Rule,
        Number = (ulong)announcement.Number,
        GoesAloneNumber = (ulong)announcement.GoesAloneNumber,
        Marks = Mark(announcement.UpToDate, HeartMarks.UpToDate)
            | Mark(announcement.KnowsItIsOutdated, HeartMarks.KnowsItIsOutdated)
            | Mark(announcement.AsksSwap, HeartMarks.AsksSwap)
            | Mark(announcement.FormerRole == MirrorFormerRole.Primary, HeartMarks.WasPrimary)
            | Mark(announcement.FormerRole == MirrorFormerRole.Secondary, HeartMarks.WasSecondary),
    };

    /// <summary>A state or status of another version is unknown.</summary>
    public static MirrorAnnouncement Announcement(HeartContent content) => new()
    {
        State = content.State < (byte)Modules.MirrorState.Unknown ? (Modules.MirrorState)content.State : Modules.MirrorState.Unknown,
        Status = Enum.IsDefined((ModuleStatus)content.Status) ? (ModuleStatus)content.Status : ModuleStatus.NotReady,
        Rule = content.Rule,
        Number = (long)Math.Min(content.Number, long.MaxValue),
        GoesAloneNumber = (long)Math.Min(content.GoesAloneNumber, long.MaxValue),
        UpToDate = content.Has(HeartMarks.UpToDate),
        KnowsItIsOutdated = content.Has(HeartMarks.KnowsItIsOutdated),
        AsksSwap = content.Has(HeartMarks.AsksSwap),
        FormerRole = content.Has(HeartMarks.WasPrimary) ? MirrorFormerRole.Primary
            : content.Has(HeartMarks.WasSecondary) ? MirrorFormerRole.Secondary
            : MirrorFormerRole.None,
    };

    /// <summary>A node that waits for something of its own is not about to lead, and its data stands still like that of a stopped one.</summary>
    public static PeerActivity Activity(Modules.MirrorState state, ModuleStatus status) => state switch
    {
        Modules.MirrorState.Wait when status == ModuleStatus.NotReady => PeerActivity.Stop,
        Modules.MirrorState.Stop => PeerActivity.Stop,
        Modules.MirrorState.Wait => PeerActivity.Wait,
        Modules.MirrorState.Alone => PeerActivity.Alone,
        Modules.MirrorState.Prim => PeerActivity.Prim,
        Modules.MirrorState.Second => PeerActivity.Second,
        _ => PeerActivity.Silent,
    };

    public static FormerRole Role(MirrorFormerRole role) => role switch
    {
        MirrorFormerRole.Primary => FormerRole.Primary,
        MirrorFormerRole.Secondary => FormerRole.Secondary,
        _ => FormerRole.None,
    };

    public static MirrorVerdict Verdict(LeadVerdict verdict) => new(
        verdict.Action switch
        {
            LeadAction.Lead => MirrorChoice.Lead,
            LeadAction.Follow => MirrorChoice.Follow,
            _ => MirrorChoice.Wait,
        },
        verdict.Rule,
        verdict.Remedy);

    public static MirrorOwnData OwnData(GenerationRecord record) => new(
        record.Standing switch
        {
            DataStanding.Alone => MirrorDataStanding.Alone,
            DataStanding.Paired => MirrorDataStanding.Paired,
            DataStanding.Outdated => MirrorDataStanding.Outdated,
            DataStanding.Inconsistent => MirrorDataStanding.Inconsistent,
            _ => MirrorDataStanding.Unknown,
        },
        record.WasPrimary);

    /// <summary>As users know it: <c>PRIM Ready</c>.</summary>
    public static string Words(Modules.MirrorState state, ModuleStatus status) =>
        state == Modules.MirrorState.Unknown ? "UNKNOWN" : $"{state.ToString().ToUpperInvariant()} {status}";

    private static HeartMarks Mark(bool holds, HeartMarks mark) => holds ? mark : HeartMarks.None;
}
