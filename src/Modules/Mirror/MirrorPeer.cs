namespace SafeKit.Modules;

/// <summary>The other node as this one sees it now. The daemon tells it anew whenever any part has changed, also when this node's own record has.</summary>
public sealed record MirrorPeer
{
    public string Name { get; init; } = "";

    public MirrorPresence Presence { get; init; }

    /// <summary>
    /// This node was itself paused or late within the last <c>timeout</c>: that nothing was heard then says nothing about the other node.
    /// </summary>
    public bool Late { get; init; }

    /// <summary>The last that was heard is a goodbye: its daemon ended in good order, with the module stopped.</summary>
    public bool LeftInGoodOrder { get; init; }

    /// <summary>What it said last; kept when it is lost. Of two heartbeats that overtook each other, the newer one counts.</summary>
    public MirrorAnnouncement Said { get; init; } = new() { State = MirrorState.Unknown };

    /// <summary>
    /// Highest <see cref="MirrorAnnouncement.Number"/> of this run of this node's daemon that the other had heard when it said <see cref="Said"/>; 0: none.
    /// </summary>
    public long Echo { get; init; }

    /// <summary>
    /// Its record, as heard last, has changes that this node's record does not have. Kept when it is lost.
    /// </summary>
    public bool HasNewerData { get; init; }

    /// <summary>Whether this node may lead when its module starts; while the other is lost, judged by this node's record alone. Null without <c>&lt;rfs&gt;</c>.</summary>
    public MirrorVerdict? Verdict { get; init; }

    /// <summary>Both lead: <see cref="MirrorChoice.Lead"/>: this node stays, otherwise it exits. Null without <c>&lt;rfs&gt;</c>.</summary>
    public MirrorVerdict? Meeting { get; init; }

    internal bool IsHeard => Presence == MirrorPresence.Heard;

    /// <summary>Lost, and not for a fault of this node.</summary>
    internal bool IsLost => Presence == MirrorPresence.Lost && !Late;

    internal bool IsHeardLeading => IsHeard && Said.Leads;
}
