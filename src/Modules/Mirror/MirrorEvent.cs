namespace SafeKit.Modules;

/// <summary>
/// What can happen to a mirror module. An <c>Identity</c> marks an order given by a rule or a script (<c>-i name</c>), which counts against
/// <c>maxloop</c>; an administrator's order has none and resets the counter.
/// </summary>
public abstract record MirrorEvent
{
    private MirrorEvent()
    {
    }

    public sealed record Start(string? Identity = null) : MirrorEvent;

    public sealed record Stop(string? Identity = null) : MirrorEvent;

    public sealed record Restart(string? Identity = null) : MirrorEvent;

    public sealed record StopStart(string? Identity = null) : MirrorEvent;

    public sealed record Swap(string? Identity = null) : MirrorEvent;

    /// <summary><c>safekit prim</c>; with <paramref name="Full"/> <c>prim fullsync</c>, with <paramref name="Force"/> <c>primforce</c>.</summary>
    public sealed record Prim(bool Full = false, bool Force = false) : MirrorEvent;

    /// <summary><c>safekit second</c>; with <paramref name="Full"/> <c>second fullsync</c>.</summary>
    public sealed record Second(bool Full = false) : MirrorEvent;

    /// <summary>A script that was asked for by <see cref="MirrorAction.RunScript"/> has ended.</summary>
    public sealed record ScriptEnded(
        string Name, int ExitCode, bool TimedOut = false, bool Found = true, string Problem = "") : MirrorEvent
    {
        public static ScriptEnded From(ScriptOutcome outcome) =>
            new(outcome.Script, outcome.ExitCode, outcome.TimedOut, outcome.Found, outcome.Problem);
    }

    public sealed record CheckerChanged(string Resource, ResourceValue Value, string Reason = "") : MirrorEvent;

    /// <summary>Time has passed <see cref="MirrorModuleState.DeadlineNs"/>; harmless at any other time.</summary>
    public sealed record Tick : MirrorEvent;

    public sealed record PeerChanged(MirrorPeer Peer) : MirrorEvent;

    public sealed record OwnDataChanged(MirrorOwnData Data) : MirrorEvent;

    /// <summary>After <see cref="MirrorAction.StartLeading"/>: the directories are mounted.</summary>
    public sealed record DataLeading : MirrorEvent;

    /// <summary>The data cannot be served: the answer to an order of this machine that failed, or by itself at any time.</summary>
    public sealed record DataFailed(string Reason) : MirrorEvent;

    /// <summary>Leading: the other node has connected, and its reintegration begins.</summary>
    public sealed record PeerAttached(string Rule) : MirrorEvent;

    /// <summary>Leading: both nodes have the same data.</summary>
    public sealed record PeerUpToDate : MirrorEvent;

    /// <summary>Leading: the connection ended.</summary>
    /// <param name="Orderly">The other node said goodbye, with everything applied there.</param>
    /// <param name="WasPaired">The other node may believe itself up to date: whoever waits for it goes on waiting until <see cref="MirrorAction.Detach"/>.</param>
    public sealed record PeerLost(bool Orderly, bool WasPaired, string Reason = "") : MirrorEvent;

    /// <summary>Following: this node's data is the primary's.</summary>
    public sealed record FollowerUpToDate : MirrorEvent;

    /// <summary>Following: the connection ended, or cannot be made.</summary>
    /// <param name="Orderly">The primary said goodbye after everything was applied here.</param>
    /// <param name="UpToDate">This node has everything that the primary had told anyone, unless the primary has gone on alone since.</param>
    public sealed record PrimaryLost(bool Orderly, bool UpToDate, string Reason = "") : MirrorEvent;

    /// <summary>Following: the primary refuses until an administrator has decided.</summary>
    public sealed record FollowerRefused(string Rule, string Remedy) : MirrorEvent;

    /// <summary>After <see cref="MirrorAction.Promote"/>: this node leads, everything received is applied, the directories are mounted.</summary>
    public sealed record Promoted : MirrorEvent;

    /// <summary>After <see cref="MirrorAction.Promote"/>: this node goes on following.</summary>
    public sealed record PromoteFailed(string Reason) : MirrorEvent;

    /// <summary>After <see cref="MirrorAction.StopData"/>, however it went.</summary>
    public sealed record DataStopped : MirrorEvent;

    /// <summary>After <see cref="MirrorAction.DeclareOutdated"/>: the record is on disk.</summary>
    public sealed record OutdatedDeclared : MirrorEvent;

    /// <summary>After <see cref="MirrorAction.SetVirtualAddress"/>.</summary>
    public sealed record AddressSet : MirrorEvent;

    /// <summary>After <see cref="MirrorAction.RemoveVirtualAddress"/>, however it went.</summary>
    public sealed record AddressRemoved : MirrorEvent;
}
