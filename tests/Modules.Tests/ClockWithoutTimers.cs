namespace SafeKit.Modules.Tests;

/// <summary>A clock whose timers fail, while <see cref="Works"/> is false: stands for whatever nobody expects.</summary>
internal sealed class ClockWithoutTimers : TimeProvider
{
    public const string Reason = "there are no timers today";

    public volatile bool Works;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        Works ? base.CreateTimer(callback, state, dueTime, period) : throw new InvalidOperationException(Reason);
}
