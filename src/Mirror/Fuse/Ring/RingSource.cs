using System.Runtime.InteropServices;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Fuse.Ring;

/// <summary>
/// Requests of one processor by io_uring: each of the entries holds a request from its arrival until its reply, whoever sends that. Replies of
/// other threads are handed to the ring's own thread, which alone may submit: an entry comes back to the thread that submitted it.
/// </summary>
internal sealed unsafe class RingSource : IRequestSource, IDisposable
{
    private const ulong WakeData = ulong.MaxValue;

    /// <summary>Entries at the beginning; buffers take memory once they have been used.</summary>
    private const int EntriesMin = 128;

    /// <summary>
    /// Entries that the kernel must have, for requests that come while others wait for the other node, and before this thread runs. A request that
    /// finds none is given to one that comes back with a reply, never to one that is new (fuse_uring_do_register): it would wait as long as they do.
    /// </summary>
    private const int FreeMin = 64;

    /// <summary>Calls that may wait at once on one processor; the next ones wait for them.</summary>
    private const int EntriesMax = 1024;

    private readonly IoRing _ring;
    private readonly int _device;
    private readonly ushort _queue;
    private readonly int _wake;
    private readonly List<RingEntry> _entries = [];
    private readonly Lock _room = new();
    private List<RingEntry> _posted = [];
    private List<RingEntry> _taken = [];
    private readonly ulong* _wakeCount;
    private bool _closed;
    private int _threadId;
    private int _live;
    private int _free;

    /// <param name="device">Descriptor of the connection.</param>
    /// <param name="queue">Processor.</param>
    /// <param name="ring">From now on this object's.</param>
    /// <param name="wake">An eventfd, from now on this object's.</param>
    public RingSource(int device, ushort queue, IoRing ring, int wake)
    {
        _device = device;
        _queue = queue;
        _ring = ring;
        _wake = wake;
        _wakeCount = (ulong*)NativeMemory.AllocZeroed(sizeof(ulong));
    }

    public void Serve(FuseWorker worker, CancellationToken stop)
    {
        Volatile.Write(ref _threadId, Environment.CurrentManagedThreadId);
        StayOnProcessor();
        using CancellationTokenRegistration registration = stop.Register(Wake);
        int errno = _ring.Enable();
        if (errno != 0)
        {
            worker.Handler.ConnectionEnded(errno);
            return;
        }
        AwaitWake();
        for (int i = 0; i < EntriesMin; i++)
            RegisterOne();
        while (_live > 0 && !stop.IsCancellationRequested)
        {
            errno = _ring.Enter(wait: true);
            if (errno is not (0 or Errno.EINTR or Errno.EAGAIN or Errno.EBUSY))
            {
                worker.Handler.ConnectionEnded(errno);
                return;
            }
            while (_ring.TryTake(out RingAbi.Cqe cqe))
                Complete(worker, cqe);
        }

        // Whatever took the last entry: nobody answers this processor's requests any more.
        if (!stop.IsCancellationRequested)
            worker.Handler.ConnectionEnded(Errno.ENOTCONN);
    }

    /// <summary>The entry's reply is ready, or it may begin again: on the ring's own thread at once, else as soon as that is woken.</summary>
    public void Post(RingEntry entry)
    {
        if (Environment.CurrentManagedThreadId == Volatile.Read(ref _threadId) && entry.HasReply)
        {
            Commit(entry);
            return;
        }
        lock (_room)
        {
            if (_closed)
                return;
            _posted.Add(entry);
            if (_posted.Count == 1)
                Wake();
        }
    }

    /// <summary>Nobody serves it any more. Who still has a request of it that was parked may resume it: without effect.</summary>
    public void Dispose()
    {
        lock (_room)
            _closed = true;
        _ring.Dispose();
        _ = LibC.close(_wake);
        NativeMemory.Free(_wakeCount);
        foreach (RingEntry entry in _entries)
            entry.Request.Dispose();
    }

    private void Complete(FuseWorker worker, in RingAbi.Cqe cqe)
    {
        if (cqe.UserData == WakeData)
        {
            AwaitWake();
            ServePosted(worker);
        }
        else if (cqe.Result == 0)
        {
            RingEntry entry = _entries[(int)cqe.UserData];
            entry.Arrived();
            if (--_free < FreeMin && _entries.Count < EntriesMax)
                RegisterOne();
            _ = worker.Serve(entry.Request);
        }
        else
        {
            // What the kernel refuses to take, or gives back at the end of the connection (ENOTCONN), was with it until now.
            _live--;
            _free--;
        }

        // What the next completion costs must not delay this reply.
        _ = _ring.Enter(wait: false);
    }

    private void ServePosted(FuseWorker worker)
    {
        lock (_room)
            (_posted, _taken) = (_taken, _posted);
        foreach (RingEntry entry in _taken)
        {
            if (entry.HasReply)
            {
                Commit(entry);
                continue;
            }

            // Replies that are ready do not wait for what a request costs that goes on.
            _ = _ring.Enter(wait: false);
            _ = worker.Serve(entry.Request);
        }
        _taken.Clear();
    }

    private void StayOnProcessor()
    {
        byte* set = stackalloc byte[(_queue / 64 * 8) + 8];
        new Span<byte>(set, (_queue / 64 * 8) + 8).Clear();
        set[_queue / 8] |= (byte)(1 << (_queue % 8));
        // A processor that is not there now: the thread stays wherever it is.
        _ = LibC.sched_setaffinity(0, (nuint)((_queue / 64 * 8) + 8), set);
    }

    private void Wake()
    {
        ulong one = 1;
        _ = LibC.write(_wake, (byte*)&one, sizeof(ulong));
    }

    private void AwaitWake()
    {
        ref RingAbi.Sqe sqe = ref _ring.Prepare();
        sqe.Opcode = RingAbi.OpRead;
        sqe.Descriptor = _wake;
        sqe.Address = _wakeCount;
        sqe.Length = sizeof(ulong);
        sqe.UserData = WakeData;
    }

    /// <summary>
    /// One more entry: the kernel takes them at any time. None where there is no memory: requests then wait for those that are there.
    /// </summary>
    private void RegisterOne()
    {
        RingEntry entry;
        try
        {
            entry = new RingEntry(this, _entries.Count);
        }
        catch (OutOfMemoryException)
        {
            return;
        }

        _entries.Add(entry);
        ref RingAbi.Sqe sqe = ref PrepareCommand(RingAbi.FuseRegister, (ulong)entry.Index);
        sqe.Address = entry.Vectors;
        sqe.Length = 2;
        _live++;
        _free++;
    }

    private void Commit(RingEntry entry)
    {
        ref RingAbi.Sqe sqe = ref PrepareCommand(RingAbi.FuseCommitAndFetch, (ulong)entry.Index);
        sqe.CommitId = entry.Leave();
        _free++;
    }

    private ref RingAbi.Sqe PrepareCommand(uint command, ulong index)
    {
        ref RingAbi.Sqe sqe = ref _ring.Prepare();
        sqe.Opcode = RingAbi.OpUringCommand;
        sqe.Descriptor = _device;
        sqe.Command = command;
        sqe.UserData = index;
        sqe.Queue = _queue;
        return ref sqe;
    }
}
