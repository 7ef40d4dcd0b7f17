using System.Collections.Concurrent;
using SafeKit.Core;
using SafeKit.Membership.Native;

namespace SafeKit.Membership;

/// <summary>
/// Drives a <see cref="HeartCore"/> with real sockets and the real clock, on a thread of its own. Owns thread, sockets and
/// wake-up. If anything unexpected happens the lease is set to 0 and the process is asked to stop: it fails silent.
/// </summary>
public sealed class HeartRunner : IHeartOutput, IDisposable
{
    private const int CommandsMax = 256;
    private const int Goodbyes = 4;
    private static readonly TimeSpan _goodbyeInterval = TimeSpan.FromMilliseconds(5);
    private readonly HeartOptions _options;
    private readonly IHeartSink _sink;
    private readonly HeartCore _core;
    private readonly HeartLink _link;
    private readonly WakeUp _wakeUp = new();
    private readonly ConcurrentQueue<Action<long>> _commands = new();
    private readonly Thread _thread;
    private volatile HeartSnapshot _snapshot;
    private volatile bool _stopping;
    private byte[] _told = [];
    private long _publishedNs;
    private bool _decided;

    /// <exception cref="SafeKitException">The settings do not fit, or a port cannot be opened.</exception>
    public HeartRunner(HeartOptions options, IHeartSink sink)
    {
        Invariant.That(options.Lans.Count == options.Settings.Lans.Count, "every heartbeat lan has its timing");
        _options = options;
        _sink = sink;
        long nowNs = MonotonicClock.NowNs;
        _core = new HeartCore(options.Settings, options.Incarnation, options.Content, nowNs);
        _link = new HeartLink(options);
        _snapshot = Snap(nowNs);
        _thread = new Thread(Run) { Name = $"heart/{options.Module}", IsBackground = true, Priority = ThreadPriority.Highest };
    }

    /// <summary>The newest state; never waits, at most about a pulse old (see <see cref="HeartSnapshot.TakenNs"/>).</summary>
    public HeartSnapshot Snapshot => _snapshot;

    /// <summary>It was disposed, or has left.</summary>
    public bool HasEnded => _stopping;

    public void Start() => _thread.Start();

    /// <summary>What the peer is told from now on, beginning at once; without effect where it is told so already. One caller at a time.</summary>
    public void Tell(HeartContent content)
    {
        byte[] bytes = content.Format();
        if (bytes.AsSpan().SequenceEqual(_told))
            return;
        _told = bytes;
        Post(nowNs => _core.Tell(bytes, nowNs, this));
    }

    /// <summary>The module serves the virtual address from now on; the lease begins as soon as it may.</summary>
    public void TakeAddress() => Post(nowNs => _core.WantAddress(true, nowNs, this));

    /// <summary>The module serves the virtual address no more; the lease is over when this returns.</summary>
    public Task GiveUpAddressAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(nowNs =>
        {
            _core.WantAddress(false, nowNs, this);
            done.SetResult();
        });
        // A thread that hangs does not renew either: its lease ends by itself.
        return _stopping ? Task.CompletedTask : Task.WhenAny(done.Task, Task.Delay(_options.Settings.Lans.Max(lan => lan.TimeoutMs)));
    }

    /// <summary>Says the last word several times, for the network may lose one, then stops.</summary>
    public async Task LeaveAsync(HeartContent lastWord)
    {
        byte[] bytes = lastWord.Format();
        Post(nowNs => _core.Tell(bytes, nowNs, this));
        for (int i = 1; i < Goodbyes; i++)
        {
            await Task.Delay(_goodbyeInterval);
            Post(nowNs => _core.Repeat(nowNs, this));
        }

        await Task.Delay(_goodbyeInterval);
        Dispose();
    }

    /// <summary>Stops the thread. The filter goes on until its lease ends, as after a crash.</summary>
    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        _wakeUp.Signal();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
            _thread.Join();
        _link.Dispose();
        _wakeUp.Dispose();
    }

    void IHeartOutput.Send(int lan, ReadOnlySpan<byte> frame) => _link.Send(lan, frame);

    void IHeartOutput.SetLease(long untilNs) => _sink.SetLease(untilNs);

    void IHeartOutput.PeerHeard(HeartContent content, ulong incarnation)
    {
        _decided = true;
        _sink.PeerHeard(content, incarnation);
    }

    void IHeartOutput.PeerLost() => _sink.PeerLost();

    void IHeartOutput.LateChanged(bool late) => _sink.LateChanged(late);

    void IHeartOutput.LanChanged(int lan, bool up) => _sink.LanChanged(lan, up);

    void IHeartOutput.Decide(in MembershipDecision decision)
    {
        _decided = true;
        _sink.Log(decision);
    }

    private void Run()
    {
        try
        {
            _sink.Log(RealTime.Request());
            while (!_stopping)
                Turn();
        }
        catch (Exception e)
        {
            FailSilent(e);
        }
    }

    private void Turn()
    {
        // What has arrived comes first: after a pause of this process it tells what happened meanwhile.
        _link.Drain(_core, this);
        while (_commands.TryDequeue(out Action<long>? command))
            command(MonotonicClock.NowNs);
        long nowNs = MonotonicClock.NowNs;
        if (nowNs >= _core.NextTickNs)
            _core.Tick(nowNs, this);
        Publish(nowNs);
        RealTime.Wait(_wakeUp, _link.Lans, _core.NextTickNs - MonotonicClock.NowNs);
    }

    private void Publish(long nowNs)
    {
        if (!_decided && nowNs - _publishedNs < _options.Settings.PulseNs)
            return;
        _decided = false;
        _publishedNs = nowNs;
        _snapshot = Snap(nowNs);
    }

    private HeartSnapshot Snap(long nowNs) =>
        _core.Snapshot(nowNs) with { Links = _link.Snapshot(nowNs), AmongForeigners = _link.AmongForeigners };

    private void Post(Action<long> command)
    {
        if (_stopping)
            return;
        if (_commands.Count >= CommandsMax)
            throw new SafeKitException($"the heart's thread of module {_options.Module} has {CommandsMax} orders waiting: restart the daemon");
        _commands.Enqueue(command);
        _wakeUp.Signal();
    }

    /// <summary>Whatever went wrong, this node must not act on: the peer takes over once the lease has ended.</summary>
    private void FailSilent(Exception cause)
    {
        try
        {
            _sink.SetLease(0);
            _sink.Log(new MembershipDecision("fail-silent", cause.ToString()));
        }
        finally
        {
            _options.OnFatal(cause);
        }
    }
}
