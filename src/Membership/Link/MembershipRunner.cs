using System.Collections.Concurrent;
using SafeKit.Core;
using SafeKit.Membership.Native;

namespace SafeKit.Membership;

/// <summary>
/// Drives a <see cref="MembershipCore"/> with real sockets and the real clock, on a thread of its own. Owns thread, sockets
/// and wake-up. If anything unexpected happens the lease is set to 0 and the process is asked to stop: it fails silent.
/// </summary>
public sealed partial class MembershipRunner : IMembershipOutput, IDisposable
{
    private const int CommandsMax = 64;

    private readonly RunnerOptions _options;
    private readonly IFarmSink _sink;
    private readonly MembershipCore _core;
    private readonly FarmLink _link;
    private readonly MembershipStore? _store;
    private readonly WakeUp _wakeUp = new();
    private readonly ConcurrentQueue<Action<long>> _commands = new();
    private readonly Thread _thread;
    private volatile FarmSnapshot _snapshot;
    private volatile bool _stopping;
    private long _publishedNs;
    private bool _decided;
    private Tuple<byte[], byte[], long>? _count;

    public MembershipRunner(RunnerOptions options, IFarmSink sink)
    {
        _options = options;
        _sink = sink;
        long nowNs = MonotonicClock.NowNs;
        _store = options.Store;
        Resumed = options.Resumes && _store?.Former is not null && _store.LeaseUntilNs > nowNs;
        _core = Resumed
            ? new MembershipCore(options.Settings, _store!.Former!, _store.LeaseUntilNs, nowNs)
            : new MembershipCore(options.Settings, NewLife(options), nowNs, options.ServesAtStart, options.FilterWasClosed);
        _link = new FarmLink(options, _core.Incarnation, _core.FirstSequence, Resumed);
        // Before the first frame: no two processes of one life use the same numbers.
        if (!Resumed)
            _store?.Forget();
        _store?.Save(_core.Memory());
        _snapshot = new FarmSnapshot(_core.Snapshot(nowNs), _link.Snapshot(nowNs));
        _thread = new Thread(Run) { Name = $"farm/{options.Module}", IsBackground = true, Priority = ThreadPriority.Highest };
    }

    /// <summary>The newest state; never waits, at most about a pulse old (see <see cref="MembershipSnapshot.TakenNs"/>).</summary>
    public FarmSnapshot Snapshot => _snapshot;

    /// <summary>This process goes on with the life of the one before it.</summary>
    public bool Resumed { get; }

    public void Start() => _thread.Start();

    public void SetServing(bool serving) => Post(nowNs => _core.SetServing(serving, nowNs, this));

    /// <summary>Gives up all buckets by a planned move; wait for <see cref="MembershipSnapshot.HoldsNothing"/>.</summary>
    public void Leave() => Post(nowNs => _core.Leave(nowNs, this));

    /// <summary>Takes nothing any more; wait for <see cref="MembershipSnapshot.MayStop"/>, then dispose.</summary>
    public void Depart() => Post(nowNs => _core.Depart(nowNs, this));

    /// <summary>What the kernel holds and what was used lately, a bit per bucket; see <see cref="MembershipCore.ReportConnections"/>.</summary>
    public void ReportConnections(byte[] holding, byte[] busy, long countedNs)
    {
        // Only the newest count is of interest, however long the thread is kept from looking.
        if (Interlocked.Exchange(ref _count, Tuple.Create(holding, busy, countedNs)) is null)
            Post(TakeCount);
    }

    /// <summary>
    /// Stops the thread. The filter goes on until its lease ends, as after a crash, and until then the next process can go on with this
    /// life; <see cref="Depart"/> first for a planned stop.
    /// </summary>
    public void Dispose()
    {
        _stopping = true;
        _wakeUp.Signal();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
            _thread.Join();
        _link.Dispose();
        _wakeUp.Dispose();
        if (_snapshot.Membership.Departed)
            _store?.Forget();
        _store?.Dispose();
    }

    /// <summary>Greater than any life before, also if the wall clock was set back since.</summary>
    private static ulong NewLife(RunnerOptions options) => Math.Max(options.Incarnation, (options.Store?.NewestIncarnation ?? 0) + 1);

    void IMembershipOutput.InstallRows(ReadOnlySpan<byte> rows) => _sink.InstallRows(rows);

    void IMembershipOutput.InstallTable(BucketTable table) => _sink.InstallTable(table);

    void IMembershipOutput.SetLease(long untilNs)
    {
        // Whichever is cut short by the end of the process, the next one believes the shorter.
        _sink.SetLease(untilNs);
        _store?.SetLease(untilNs);
    }

    void IMembershipOutput.Remember(MembershipMemory memory) => _store?.Save(memory);

    void IMembershipOutput.Send(NodeId to, ReadOnlySpan<byte> frame) => _link.Send(to, frame);

    void IMembershipOutput.Decide(in MembershipDecision decision)
    {
        _decided = true;
        _sink.Log(decision);
    }

    private void TakeCount(long nowNs)
    {
        if (Interlocked.Exchange(ref _count, null) is var (holding, busy, countedNs))
            _core.ReportConnections(holding, busy, countedNs, nowNs, this);
    }

    private void Post(Action<long> command)
    {
        if (_commands.Count >= CommandsMax)
        {
            string text = $"the membership thread of module {_options.Module} has {CommandsMax} orders waiting: restart the daemon";
            throw new SafeKitException(text);
        }

        _commands.Enqueue(command);
        _wakeUp.Signal();
    }
}
