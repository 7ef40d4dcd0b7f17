using SafeKit.Core;
using SafeKit.Membership.Native;

namespace SafeKit.Membership;

/// <summary>The thread's loop: drain, obey, tick, publish, wait.</summary>
public sealed partial class MembershipRunner
{
    private void Run()
    {
        try
        {
            _sink.Log(RealTime.Request());
            if (Resumed)
                _core.Resume(this);
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
        _snapshot = new FarmSnapshot(_core.Snapshot(nowNs), _link.Snapshot(nowNs));
    }

    /// <summary>Whatever went wrong, this node must not act on: others take over once its lease has ended.</summary>
    private void FailSilent(Exception cause)
    {
        try
        {
            _sink.SetLease(0);
            _store?.Forget();
            _sink.Log(new MembershipDecision("fail-silent", cause.ToString()));
        }
        finally
        {
            _options.OnFatal(cause);
        }
    }
}
