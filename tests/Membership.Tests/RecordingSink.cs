using SafeKit.Core;

namespace SafeKit.Membership.Tests;

/// <summary>Stands for the daemon's filter; tests await what it is told.</summary>
internal sealed class RecordingSink : IFarmSink
{
    private readonly object _gate = new();
    private readonly List<(Func<RecordingSink, bool> Condition, TaskCompletionSource Done)> _waiting = [];
    private int _mine = -1;

    public bool FailOnInstall { get; init; }

    public long LeaseUntilNs { get; private set; } = -1;

    public Task UntilMine(Func<int, bool> condition) => Until(sink => condition(sink._mine));

    public Task UntilLease(Func<long, bool> condition) => Until(sink => condition(sink.LeaseUntilNs));

    public void InstallRows(ReadOnlySpan<byte> rows)
    {
        if (FailOnInstall)
            throw new IOException("the map is gone");
        int mine = 0;
        foreach (byte row in rows)
            mine += row & (byte)RowFlags.Mine;
        Change(() => _mine = mine);
    }

    public void SetLease(long untilMonotonicNs) => Change(() => LeaseUntilNs = untilMonotonicNs);

    public void Log(in MembershipDecision decision)
    {
    }

    private Task Until(Func<RecordingSink, bool> condition)
    {
        lock (_gate)
        {
            if (condition(this))
                return Task.CompletedTask;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((condition, done));
            return done.Task;
        }
    }

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
            foreach ((Func<RecordingSink, bool> condition, TaskCompletionSource done) in _waiting)
            {
                if (condition(this))
                    done.TrySetResult();
            }
        }
    }
}
