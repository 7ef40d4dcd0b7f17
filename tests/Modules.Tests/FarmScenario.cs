using SafeKit.Core;
using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>
/// Plays a scenario of lines <c>event -> actions</c> against the machine. Events: <c>start stop restart stopstart</c>
/// (with <c>-i NAME</c> when given by a rule or script), <c>ok</c> (the running script ends), <c>fail</c>, <c>timeout</c>,
/// <c>drain</c>, <c>undrain</c>, <c>adopt open</c>, <c>adopt closed</c>, <c>released</c> (the last release, or <c>released N</c>), <c>up X</c>, <c>down X</c>, <c>open</c>, <c>close</c>, <c>after Ns</c>. Actions as in <see cref="Show"/>;
/// at the end of each line stands the state reached.
/// </summary>
internal sealed class FarmScenario(FarmModuleSettings settings)
{
    private readonly FarmModuleMachine _machine = new(settings);
    private long _nowNs = 1;

    public FarmModuleState State { get; private set; } = new();

    public List<string> Logs { get; } = [];

    /// <summary>Numbers of the releases that were asked for.</summary>
    public List<long> Releases { get; } = [];

    public void Play(string scenario)
    {
        foreach (var line in scenario.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var what = line.Split("->", 2, StringSplitOptions.TrimEntries);
            Assert.Equal($"{what[0]} -> {what[1]}", $"{what[0]} -> {Happen(what[0])}");
        }
    }

    public string Happen(string text)
    {
        var decision = _machine.Step(State, Parse(text), _nowNs);
        State = decision.State;
        Releases.AddRange(decision.Actions.OfType<ModuleAction.CloseTraffic>().Select(close => close.Number));
        Logs.AddRange(decision.Actions.OfType<ModuleAction.Log>().Select(log => $"{log.Rule}: {log.Text}"));
        var shown = decision.Actions.Where(action => action is not ModuleAction.Log).Select(Show);
        return string.Join(", ", shown.Append($"{State.State} {State.Status}".ToUpperInvariant()));
    }

    private ModuleEvent Parse(string text)
    {
        var words = text.Split(' ');
        var identity = words is [_, "-i", var name] ? name : null;
        switch (words[0])
        {
            case "after":
                _nowNs += MonotonicClock.FromMs(long.Parse(words[1].TrimEnd('s')) * 1000);
                return new ModuleEvent.Tick();
            case "ok" or "fail" or "timeout":
                return new ModuleEvent.ScriptEnded(State.RunningScript!, words[0] == "fail" ? 1 : 0, words[0] == "timeout");
            case "up" or "down":
                return new ModuleEvent.CheckerChanged(words[1], words[0] == "up" ? ResourceValue.Up : ResourceValue.Down);
        }

        return words[0] switch
        {
            "adopt" => new ModuleEvent.Adopted(words[1] == "open", words is [_, _, "drained"], words is [_, _, "opened"]),
            "drain" => new ModuleEvent.Drain(identity),
            "undrain" => new ModuleEvent.Undrain(identity),
            "start" => new ModuleEvent.Start(identity),
            "stop" => new ModuleEvent.Stop(identity),
            "restart" => new ModuleEvent.Restart(identity),
            "stopstart" => new ModuleEvent.StopStart(identity),
            "released" => new ModuleEvent.TrafficReleased(words.Length > 1 ? long.Parse(words[1]) : State.ReleaseNumber),
            _ => new ModuleEvent.TrafficCommand(words[0] == "open"),
        };
    }

    private static string Show(ModuleAction action) => action switch
    {
        ModuleAction.RunScript run => $"{run.Name}({(run.Force ? "force " : "")}{string.Join(' ', run.Arguments)})",
        ModuleAction.OpenTraffic => "OPEN",
        ModuleAction.CloseTraffic => "CLOSE",
        ModuleAction.StartMembership => "join",
        ModuleAction.LeaveMembership => "leave",
        ModuleAction.StartCheckers start => $"check {start.When}",
        ModuleAction.StopCheckers stop => $"uncheck {stop.When}",
        _ => throw new InvalidOperationException(action.ToString()),
    };
}
