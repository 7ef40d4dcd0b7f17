using System.Numerics;
using System.Runtime.ExceptionServices;
using SafeKit.Bench.Packets.Native;

namespace SafeKit.Bench.Packets;

/// <summary>
/// The one thread that measures. It has a mount and a network namespace of its own, both without a name, so that
/// interfaces, mounts and pins go with it, however the process ends; it stays on one CPU, so that what it sends is
/// also received there and its time is all the time there is.
/// </summary>
internal static unsafe class BenchThread
{
    /// <summary>Hidden by a file system of our own: pins go there, and so does the lock of iptables.</summary>
    public const string Scratch = "/run";

    private const int MaskWords = 16;
    private const int WordBits = 64;

    public static void Run(Action body)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Isolate();
                StayOnOneCpu();
                body();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            Name = "packet-benchmark",
            IsBackground = true,
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static void Isolate()
    {
        Checked.Call(LibC.unshare(LibC.CLONE_NEWNS | LibC.CLONE_NEWNET), "make namespaces");
        Checked.Call(LibC.mount("none", "/", "none", LibC.MS_REC | LibC.MS_PRIVATE, null), "keep mounts private");
        Checked.Call(LibC.mount("tmpfs", Scratch, "tmpfs", 0, "mode=0700"), $"mount a file system at {Scratch}");
    }

    private static void StayOnOneCpu()
    {
        ulong* mask = stackalloc ulong[MaskWords];
        Checked.Call(LibC.sched_getaffinity(0, MaskWords * sizeof(ulong), mask), "read the allowed CPUs");
        // The last one: most machines serve their devices on the first.
        int word = MaskWords - 1;
        while (mask[word] == 0)
            word--;
        int last = (word * WordBits) + BitOperations.Log2(mask[word]);
        new Span<ulong>(mask, MaskWords).Clear();
        mask[word] = 1UL << last;
        Checked.Call(LibC.sched_setaffinity(0, MaskWords * sizeof(ulong), mask), $"stay on CPU {last}");
        // Ahead of other programs, which would empty the caches. Where this is not allowed more samples are interrupted
        // and repeated.
        int priority = 1;
        _ = LibC.sched_setscheduler(0, LibC.SCHED_FIFO | LibC.SCHED_RESET_ON_FORK, &priority);
    }
}
