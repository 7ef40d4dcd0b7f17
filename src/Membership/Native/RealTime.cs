using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;

namespace SafeKit.Membership.Native;

/// <summary>What the threads that hold a lease have in common: real-time scheduling, and one wait for everything.</summary>
internal static unsafe class RealTime
{
    /// <summary>Above everything ordinary, so that a busy server still renews its lease; below the kernel's own threads.</summary>
    private const int Priority = 10;

    /// <summary>Asks for real-time scheduling of the calling thread, and says what came of it.</summary>
    public static MembershipDecision Request()
    {
        int priority = Priority;
        string text = Libc.sched_setscheduler(0, Libc.SCHED_RR, &priority) == 0
            ? $"SCHED_RR priority={Priority}"
            : Errno.Describe(
                "no real-time priority (needs CAP_SYS_NICE), a busy server may lose its lease: sched_setscheduler",
                Marshal.GetLastPInvokeError());
        return new MembershipDecision("scheduling", text);
    }

    /// <summary>Waits until a heartbeat has arrived, another thread wakes this one, or the time has passed.</summary>
    /// <exception cref="SafeKitException">The kernel refuses to wait.</exception>
    public static void Wait(WakeUp wakeUp, ReadOnlySpan<FarmLan> lans, long forNs)
    {
        if (forNs <= 0)
            return;
        int count = lans.Length + 1;
        PollFd* fds = stackalloc PollFd[count];
        fds[0] = new PollFd { Fd = wakeUp.Fd, Events = Libc.POLLIN };
        for (int lan = 1; lan < count; lan++)
            fds[lan] = new PollFd { Fd = lans[lan - 1].Fd, Events = Libc.POLLIN };
        var timeout = new Timespec { Seconds = forNs / 1_000_000_000, Nanoseconds = forNs % 1_000_000_000 };
        if (Libc.ppoll(fds, (nuint)count, &timeout, null) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR)
                throw new SafeKitException(Errno.Describe("cannot wait for heartbeats", errno));
            return;
        }

        if (fds[0].Returned != 0)
            wakeUp.Clear();
    }
}
