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
    private readonly WakeUp _wakeUp = new();
    private readonly ConcurrentQueue<Action<long>> _commands = new();
    private readonly Thread _thread;
    private volatile FarmSnapshot _snapshot;
    private volatile bool _stopping;
    private long _publishedNs;
    private bool _decided;

    public MembershipRunner(RunnerOptions options, IFarmSink sink)
    {
        _options = options;
        _sink = sink;
        long nowNs = MonotonicClock.NowNs;
        _core = new MembershipCore(options.Settings, options.Incarnation, nowNs, options.ServesAtStart);
        _link = new FarmLink(options);
        _snapshot = new FarmSnapshot(_core.Snapshot(nowNs), _link.Snapshot(nowNs));
        _thread = new Thread(Run) { Name = $"farm/{options.Module}", IsBackground = true, Priority = ThreadPriority.Highest };
    }

    /// <summary>The newest state; never waits, at most about a pulse old (see <see cref="MembershipSnapshot.TakenNs"/>).</summary>
    public FarmSnapshot Snapshot => _snapshot;

    public void Start() => _thread.Start();

    public void SetServing(bool serving) => Post(nowNs => _core.SetServing(serving, nowNs, this));

    /// <summary>Gives up all buckets by a planned move; wait for <see cref="MembershipSnapshot.HoldsNothing"/>.</summary>
    public void Leave() => Post(nowNs => _core.Leave(nowNs, this));

    /// <summary>Takes nothing any more; wait for <see cref="MembershipSnapshot.MayStop"/>, then dispose.</summary>
    public void Depart() => Post(nowNs => _core.Depart(nowNs, this));

    public void ReportDrained() => Post(nowNs => _core.ReportDrained(nowNs, this));

    /// <summary>
    /// Stops the thread. The filter goes on until its lease ends, as after a crash; <see cref="Depart"/> first for a planned stop.
    /// </summary>
    public void Dispose()
    {
        _stopping = true;
        _wakeUp.Signal();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
            _thread.Join();
        _link.Dispose();
        _wakeUp.Dispose();
    }

    void IMembershipOutput.InstallRows(ReadOnlySpan<byte> rows) => _sink.InstallRows(rows);

    void IMembershipOutput.InstallTable(BucketTable table) => _sink.InstallTable(table);

    void IMembershipOutput.SetLease(long untilNs) => _sink.SetLease(untilNs);

    void IMembershipOutput.Send(NodeId to, ReadOnlySpan<byte> frame) => _link.Send(to, frame);

    void IMembershipOutput.Decide(in MembershipDecision decision)
    {
        _decided = true;
        _sink.Log(decision);
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
