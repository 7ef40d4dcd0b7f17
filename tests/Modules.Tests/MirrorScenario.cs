using System.Globalization;
using SafeKit.Core;
using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>
/// Plays a scenario of lines <c>event -> actions</c> against the machine of node <c>a</c>, whose other node is <c>b</c>; see <see cref="Parse"/> for the events, <see
/// cref="Show"/> for the actions. At the end of each line stands the state reached. <c>*</c> in place of the actions: as many scripts as there are end
/// well, and only the state is compared.
/// </summary>
internal sealed class MirrorScenario(MirrorModuleSettings settings)
{
    private readonly MirrorModuleMachine _machine = new(settings with { NodeName = "a" });
    private MirrorPeer _peer = new() { Name = "b" };
    private long _nowNs = 1;

    public MirrorModuleState State { get; private set; } = new();

    public List<string> Logs { get; } = [];

    public void Play(string scenario)
    {
        foreach (var line in scenario.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var what = line.Split("->", 2, StringSplitOptions.TrimEntries);
            if (what[1].StartsWith('*'))
            {
                Happen(what[0]);
                RunScripts();
                Assert.Equal(line, $"{what[0]} -> *, {StateText}");
            }
            else
            {
                Assert.Equal($"{what[0]} -> {what[1]}", $"{what[0]} -> {Happen(what[0])}");
            }
        }
    }

    public string Happen(string text)
    {
        var decision = _machine.Step(State, Parse(text), _nowNs);
        State = decision.State;
        Logs.AddRange(decision.Actions.OfType<MirrorAction.Log>().Select(log => $"{log.Rule}: {log.Text}"));
        var shown = decision.Actions.Where(action => action is not (MirrorAction.Log or MirrorAction.Announce)).Select(Show);
        return string.Join(", ", shown.Append(StateText));
    }

    private string StateText => $"{State.State} {State.Status}".ToUpperInvariant();

    private void RunScripts()
    {
        while (State.RunningScript is not null)
            Happen("ok");
    }

    /// <summary>
    /// <c>start stop restart stopstart swap</c> (with <c>-i NAME</c> when given by a rule or script), <c>prim</c>, <c>prim full</c>, <c>prim force</c>,
    /// <c>second</c>, <c>second full</c>; <c>ok fail timeout</c> (the running script ends); <c>up X</c>, <c>down X</c>; <c>after Ns</c>;
    /// <c>b STATE [STATUS] [flags]</c> (b says this, having heard everything; see <see cref="Hear"/>), <c>lost</c>, <c>late</c>, <c>goodbye</c>;
    /// <c>own STANDING [primary]</c>; what the data and the address tell: the names of <see cref="Simple"/>.
    /// </summary>
    private MirrorEvent Parse(string text)
    {
        var words = text.Split(' ');
        var identity = words is [_, "-i", var name] ? name : null;
        var second = words.Length > 1 ? words[1] : "";
        switch (words[0])
        {
            case "after":
                _nowNs += MonotonicClock.FromMs((long)Math.Round(double.Parse(second.TrimEnd('s'), CultureInfo.InvariantCulture) * 1000));
                return new MirrorEvent.Tick();
            case "ok" or "fail" or "timeout":
                return new MirrorEvent.ScriptEnded(State.RunningScript!, words[0] == "fail" ? 1 : 0, words[0] == "timeout");
            case "up" or "down":
                return new MirrorEvent.CheckerChanged(second, words[0] == "up" ? ResourceValue.Up : ResourceValue.Down);
            case "b" or "lost" or "late" or "goodbye":
                _peer = Hear(words);
                return new MirrorEvent.PeerChanged(_peer);
            case "own":
                return new MirrorEvent.OwnDataChanged(new(Enum.Parse<MirrorDataStanding>(second), words.Contains("primary")));
            case "start":
                return new MirrorEvent.Start(identity);
            case "stop":
                return new MirrorEvent.Stop(identity);
            case "restart":
                return new MirrorEvent.Restart(identity);
            case "stopstart":
                return new MirrorEvent.StopStart(identity);
            case "swap":
                return new MirrorEvent.Swap(identity);
            case "prim":
                return new MirrorEvent.Prim(second == "full", second == "force");
            case "second":
                return new MirrorEvent.Second(second == "full");
            default:
                return Simple(words);
        }
    }

    private static MirrorEvent Simple(string[] words) => words[0] switch
    {
        "leading" => new MirrorEvent.DataLeading(),
        "failed" => new MirrorEvent.DataFailed("the disk is gone"),
        "attached" => new MirrorEvent.PeerAttached("journal"),
        "paired" => new MirrorEvent.PeerUpToDate(),
        "peerlost" => new MirrorEvent.PeerLost(words.Contains("orderly"), words.Contains("paired")),
        "uptodate" => new MirrorEvent.FollowerUpToDate(),
        "primarylost" => new MirrorEvent.PrimaryLost(words.Contains("orderly"), !words.Contains("behind")),
        "refused" => new MirrorEvent.FollowerRefused("diverged", "safekit second fullsync"),
        "promoted" => new MirrorEvent.Promoted(),
        "notpromoted" => new MirrorEvent.PromoteFailed("not up to date"),
        "stopped" => new MirrorEvent.DataStopped(),
        "declared" => new MirrorEvent.OutdatedDeclared(),
        "addressset" => new MirrorEvent.AddressSet(),
        "addressgone" => new MirrorEvent.AddressRemoved(),
        _ => throw new InvalidOperationException(string.Join(' ', words)),
    };

    /// <summary>
    /// Flags: <c>uptodate goesalone outdated swap deaf</c> (it has not heard the last announcement) <c>newer</c> (its data is),
    /// <c>lead follow wait</c> (verdict on this node's data), <c>remedy</c>, <c>stays exits</c> (verdict where both lead), <c>primary secondary</c> (its
    /// former role).
    /// </summary>
    private MirrorPeer Hear(string[] words)
    {
        var choice = words.Contains("lead") ? MirrorChoice.Lead : words.Contains("follow") ? MirrorChoice.Follow : MirrorChoice.Wait;
        var verdict = new MirrorVerdict(choice, "rule of the data", words.Contains("remedy") ? "safekit prim" : "");
        if (words[0] is "lost" or "late" or "goodbye")
        {
            return _peer with
            {
                Presence = MirrorPresence.Lost, Late = words[0] == "late", LeftInGoodOrder = words[0] == "goodbye", Verdict = verdict,
            };
        }

        var status = words.Contains("transient") ? ModuleStatus.Transient : words.Contains("notready") ? ModuleStatus.NotReady : ModuleStatus.Ready;
        return new MirrorPeer
        {
            Name = "b",
            Presence = MirrorPresence.Heard,
            Echo = words.Contains("deaf") ? 0 : State.Announced.Number,
            HasNewerData = words.Contains("newer"),
            Verdict = words.Contains("lead") || words.Contains("follow") || words.Contains("wait") ? verdict : null,
            Meeting = words.Contains("stays") ? new(MirrorChoice.Lead, "former primary")
                : words.Contains("exits") ? new(MirrorChoice.Wait, "former secondary", "safekit second fullsync") : null,
            Said = new()
            {
                State = Enum.Parse<MirrorState>(words[1], true),
                Status = status,
                UpToDate = words.Contains("uptodate"),
                GoesAloneNumber = words.Contains("goesalone") ? 7 : 0,
                KnowsItIsOutdated = words.Contains("outdated"),
                AsksSwap = words.Contains("swap"),
                FormerRole = words.Contains("primary") ? MirrorFormerRole.Primary
                    : words.Contains("secondary") ? MirrorFormerRole.Secondary : MirrorFormerRole.None,
            },
        };
    }

    private static string Show(MirrorAction action) => action switch
    {
        MirrorAction.RunScript run => $"{run.Name}({(run.Force ? "force " : "")}{string.Join(' ', run.Arguments)})",
        MirrorAction.StartLeading lead => $"LEAD {lead.Order}",
        MirrorAction.StartFollowing follow => follow.Full ? "FOLLOW full" : "FOLLOW",
        MirrorAction.Promote => "PROMOTE",
        MirrorAction.Detach => "DETACH",
        MirrorAction.DeclareOutdated => "OUTDATED",
        MirrorAction.StopData => "UNMOUNT",
        MirrorAction.SetVirtualAddress => "+VIP",
        MirrorAction.RemoveVirtualAddress => "-VIP",
        MirrorAction.StartCheckers start => $"check {start.When}",
        MirrorAction.StopCheckers stop => $"uncheck {stop.When}",
        _ => throw new InvalidOperationException(action.ToString()),
    };
}
