using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Membership.Native;

namespace SafeKit.Membership;

/// <summary>The thread's loop: drain, obey, tick, publish, wait.</summary>
public sealed unsafe partial class MembershipRunner
{
    /// <summary>Above everything ordinary, so that a busy server still renews its lease; below the kernel's own threads.</summary>
    private const int RealTimePriority = 10;

    private void Run()
    {
        try
        {
            RequestRealTime();
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
        Wait(_core.NextTickNs - MonotonicClock.NowNs);
    }

    private void Publish(long nowNs)
    {
        if (!_decided && nowNs - _publishedNs < _options.Settings.PulseNs)
            return;
        _decided = false;
        _publishedNs = nowNs;
        _snapshot = new FarmSnapshot(_core.Snapshot(nowNs), _link.Snapshot(nowNs));
    }

    private void Wait(long forNs)
    {
        if (forNs <= 0)
            return;
        int count = _link.Lans.Length + 1;
        PollFd* fds = stackalloc PollFd[count];
        fds[0] = new PollFd { Fd = _wakeUp.Fd, Events = Libc.POLLIN };
        for (int lan = 1; lan < count; lan++)
            fds[lan] = new PollFd { Fd = _link.Lans[lan - 1].Fd, Events = Libc.POLLIN };
        var timeout = new Timespec { Seconds = forNs / 1_000_000_000, Nanoseconds = forNs % 1_000_000_000 };
        if (Libc.ppoll(fds, (nuint)count, &timeout, null) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
                throw new SafeKitException(Errno.Describe("cannot wait for heartbeats", errno));
            return;
        }

        if (fds[0].Returned != 0)
            _wakeUp.Clear();
    }

    private void RequestRealTime()
    {
        int priority = RealTimePriority;
        string text = Libc.sched_setscheduler(0, Libc.SCHED_RR, &priority) == 0
            ? $"SCHED_RR priority={RealTimePriority}"
            : Errno.Describe(
                "no real-time priority (needs CAP_SYS_NICE), a busy server may lose its lease: sched_setscheduler",
                Marshal.GetLastPInvokeError());
        _sink.Log(new MembershipDecision("scheduling", text));
    }

    /// <summary>Whatever went wrong, this node must not act on: others take over once its lease has ended.</summary>
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
