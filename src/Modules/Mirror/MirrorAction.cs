namespace SafeKit.Modules;

/// <summary>What the daemon shall do, in this order.</summary>
public abstract record MirrorAction
{
    private MirrorAction()
    {
    }

    /// <summary>
    /// Run a script and answer with <see cref="MirrorEvent.ScriptEnded"/>, also when there is none of that name. <see cref="ScriptRunner"/> puts <c>force</c> before the
    /// arguments.
    /// </summary>
    public sealed record RunScript(string Name, string From, string To, string Action, bool Force = false) : MirrorAction
    {
        public IReadOnlyList<string> Arguments { get; } = [From, To, Action];
    }

    /// <summary>Lead, and answer with <see cref="MirrorEvent.DataLeading"/> or <see cref="MirrorEvent.DataFailed"/>.</summary>
    public sealed record StartLeading(MirrorLeadOrder Order) : MirrorAction;

    /// <summary>Follow the other node. No answer but <see cref="MirrorEvent.DataFailed"/>; what follows is told by the other events.</summary>
    /// <param name="Full">Copy everything, whatever the records say.</param>
    public sealed record StartFollowing(bool Full) : MirrorAction;

    /// <summary>From following to leading; answer with <see cref="MirrorEvent.Promoted"/> or <see cref="MirrorEvent.PromoteFailed"/>.</summary>
    public sealed record Promote(string Rule) : MirrorAction;

    /// <summary>The primary goes on alone: durably first, then whoever waits for the other node is released. No answer.</summary>
    public sealed record Detach(string Rule) : MirrorAction;

    /// <summary>
    /// The other node goes on: end the present connection, so that nothing that is still on its way makes this data up to date; write to the record that it is outdated,
    /// where it was up to date; answer with <see cref="MirrorEvent.OutdatedDeclared"/>.
    /// </summary>
    public sealed record DeclareOutdated(string Rule) : MirrorAction;

    /// <summary>Stop leading or following in good order, within a bounded time; answer with <see cref="MirrorEvent.DataStopped"/>.</summary>
    public sealed record StopData : MirrorAction;

    /// <summary>Answer with <see cref="MirrorEvent.AddressSet"/> once clients are answered.</summary>
    public sealed record SetVirtualAddress : MirrorAction;

    /// <summary>Answer with <see cref="MirrorEvent.AddressRemoved"/> once no client is answered any more.</summary>
    public sealed record RemoveVirtualAddress : MirrorAction;

    /// <summary>
    /// Start the checkers of one kind: <see cref="CheckerWhen.Pre"/>, <see cref="CheckerWhen.Both"/>, <see cref="CheckerWhen.Prim"/> or <see cref="CheckerWhen.Second"/>.
    /// </summary>
    public sealed record StartCheckers(CheckerWhen When) : MirrorAction;

    public sealed record StopCheckers(CheckerWhen When) : MirrorAction;

    /// <summary>What the heartbeats say from now on, one of them at once.</summary>
    public sealed record Announce(MirrorAnnouncement Announcement) : MirrorAction;

    /// <summary>A decision, with the rule that made it.</summary>
    public sealed record Log(string Rule, string Text) : MirrorAction;
}
