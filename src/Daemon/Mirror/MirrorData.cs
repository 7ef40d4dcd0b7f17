using SafeKit.Core;
using SafeKit.Daemon.Logging;
using SafeKit.Mirror;
using SafeKit.Mirror.Generations;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>
/// Carries the machine's orders to the data, one at a time, and what the data tells to the machine. An order to stop cuts short the one
/// that is under way.
/// </summary>
public sealed class MirrorData : IReplicatedDataEvents, IAsyncDisposable
{
    private static readonly TimeSpan _retryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _leaveLimit = TimeSpan.FromSeconds(60);
    private readonly ModuleLog _log;
    private readonly Action<MirrorEvent> _post;
    private readonly Action _recordChanged;
    private readonly IReplicatedData _data;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private Task _tail = Task.CompletedTask;
    private int _orders;
    private CancellationTokenSource _order = new();
    private GenerationRecord? _told;
    private volatile bool _failed;

    /// <param name="recordChanged">Called after the record has changed, before what changed it is told.</param>
    public MirrorData(
        ReplicatedDataSettings? settings,
        Func<ReplicatedDataSettings, IReplicatedDataEvents, IReplicatedData> open,
        ModuleLog log,
        Action<MirrorEvent> post,
        Action recordChanged)
    {
        _log = log;
        _post = post;
        _recordChanged = recordChanged;
        _data = settings is null ? new NoReplicatedData() : open(settings, this);
    }

    public GenerationRecord Record => _data.Record;

    public ReplicatedDataStatus Status => _data.Status;

    /// <summary>The data failed while it was led, and has not been begun anew since.</summary>
    public bool IsDegraded => _failed;

    /// <summary>Whether the last reintegration of this node came to an end; null before the first.</summary>
    public bool? ReintegrationFailed { get; private set; }

    /// <summary>Nothing is mounted, and nothing is about to be.</summary>
    public bool IsIdle => _tail.IsCompleted && _data.Status.Role == DataRole.None;

    public void Lead(LeadOrder order) => Queue(
        async cancel =>
        {
            await _data.LeadAsync(order, cancel);
            _failed = false;
            Tell(new MirrorEvent.DataLeading());
        },
        reason => new MirrorEvent.DataFailed(reason));

    public void Follow(bool full) => Queue(
        async cancel =>
        {
            await _data.FollowAsync(full, cancel);
            _failed = false;
            TellRecord();
        },
        reason => new MirrorEvent.DataFailed(reason));

    public void Promote() => Queue(
        async cancel =>
        {
            await _data.PromoteAsync(cancel);
            Tell(new MirrorEvent.Promoted());
        },
        reason => new MirrorEvent.PromoteFailed(reason));

    /// <summary>
    /// Done when the record is on disk and everyone who waited is released; a disk that refuses is tried again beside, until the role ends or the
    /// other node is up to date again.
    /// </summary>
    public Task DetachAsync(string rule) => RecordAsync(
        () =>
        {
            _data.Detach(rule);
            TellRecord();
        },
        () => !_data.Status.Paired);

    /// <summary>Answered when the record is on disk; a disk that refuses is tried again beside, until the role ends.</summary>
    public Task DeclareOutdatedAsync(string rule) => RecordAsync(
        () =>
        {
            _data.DeclareOutdated(rule);
            Tell(new MirrorEvent.OutdatedDeclared());
        },
        () => true);

    /// <summary>In good order, within a bounded time; answered however it went.</summary>
    public void Stop()
    {
        _order.Cancel();
        Queue(
            async _ =>
            {
                using var limit = new CancellationTokenSource(_leaveLimit);
                await _data.LeaveAsync(limit.Token);
                Tell(new MirrorEvent.DataStopped());
            },
            reason =>
            {
                _log.Critical("rfs", $"the directories were not left in good order: {reason}");
                return new MirrorEvent.DataStopped();
            });
    }

    public Task<VerifyReport> VerifyAsync(CancellationToken cancel) => _data.VerifyAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _order.CancelAsync();
        await _tail;
        await _data.DisposeAsync();
    }

    /// <summary>Tells the machine what the record says, if that has changed.</summary>
    public void TellRecord()
    {
        lock (_gate)
        {
            var record = _data.Record;
            if (record == _told)
                return;
            _told = record;
            _post(new MirrorEvent.OwnDataChanged(HeartWords.OwnData(record)));
        }

        _recordChanged();
    }

    void IReplicatedDataEvents.PeerAttached(string rule, ReintegrationKind kind) =>
        Tell(new MirrorEvent.PeerAttached($"{rule} ({kind.ToString().ToLowerInvariant()})"));

    void IReplicatedDataEvents.PeerUpToDate() => Tell(new MirrorEvent.PeerUpToDate());

    void IReplicatedDataEvents.PeerLost(string reason, bool orderly, bool wasPaired) => Tell(new MirrorEvent.PeerLost(orderly, wasPaired, reason));

    void IReplicatedDataEvents.UpToDate()
    {
        ReintegrationFailed = false;
        Tell(new MirrorEvent.FollowerUpToDate());
    }

    void IReplicatedDataEvents.PrimaryLost(string reason, bool orderly, bool upToDate)
    {
        if (!upToDate)
            ReintegrationFailed = true;
        Tell(new MirrorEvent.PrimaryLost(orderly, upToDate, reason));
    }

    void IReplicatedDataEvents.Refused(string rule, string remedy) => Tell(new MirrorEvent.FollowerRefused(rule, remedy));

    void IReplicatedDataEvents.Failed(string reason)
    {
        _failed = _data.Status.Role == DataRole.Leading;
        Tell(new MirrorEvent.DataFailed(reason));
    }

    void IReplicatedDataEvents.Log(string origin, string message, bool critical)
    {
        if (critical)
            _log.Critical(origin, message);
        else
            _log.Event(origin, message);
    }

    /// <summary>What changed the record is understood after the record.</summary>
    private void Tell(MirrorEvent occurrence)
    {
        TellRecord();
        _post(occurrence);
    }

    /// <summary>What has to be in the record before anything else follows from it.</summary>
    private async Task RecordAsync(Action write, Func<bool> isWanted)
    {
        await _tail;
        var orders = Volatile.Read(ref _orders);
        if (TryRecord(write) is { } problem)
            _ = RetryAsync(write, () => orders == Volatile.Read(ref _orders) && isWanted(), problem);
    }

    /// <summary>The next order ends the role that the record is about.</summary>
    private async Task RetryAsync(Action write, Func<bool> isWanted, string problem)
    {
        var last = "";
        for (string? now = problem; now is not null; now = TryRecord(write))
        {
            // The same problem is one line.
            if (now != last)
                _log.Critical("rfs", $"the record cannot be written, trying again every second: {now}; make the disk of the module's state writable");
            last = now;
            await Task.Delay(_retryInterval, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_end.IsCancellationRequested || !isWanted())
                return;
        }

        _log.Event("rfs", "the record is written");
    }

    /// <summary>What went wrong; null when nothing did.</summary>
    private static string? TryRecord(Action write)
    {
        try
        {
            write();
            return null;
        }
        catch (Exception e) when (e is SafeKitException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private void Queue(Func<CancellationToken, Task> order, Func<string, MirrorEvent> failed)
    {
        // Orders come from one caller, the module's loop.
        Interlocked.Increment(ref _orders);
        if (_order.IsCancellationRequested)
            _order = new CancellationTokenSource();
        _tail = RunAsync(_tail, order, failed, _order.Token);
    }

    private async Task RunAsync(Task before, Func<CancellationToken, Task> order, Func<string, MirrorEvent> failed, CancellationToken cancel)
    {
        await before;
        // Mounting and unmounting are system calls that take their time: not on the module's loop.
        await Task.Yield();
        try
        {
            await order(cancel);
        }
        catch (Exception e)
        {
            if (e is not (SafeKitException or OperationCanceledException))
                _log.Critical("rfs", e.ToString());
            Tell(failed(e is OperationCanceledException ? "cut short by a later order" : e.Message));
        }
    }
}
