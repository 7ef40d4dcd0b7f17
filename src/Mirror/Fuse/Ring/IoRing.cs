using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Fuse.Ring;

/// <summary>One io_uring(7), used by one thread: what is to be submitted, and what has been completed.</summary>
internal sealed unsafe class IoRing : IDisposable
{
    private readonly int _descriptor;
    private readonly nint _rings;
    private readonly nuint _ringsBytes;
    private readonly nint _sqes;
    private readonly nuint _sqesBytes;
    private readonly uint* _sqTail;
    private readonly uint _sqMask;
    private readonly uint* _cqHead;
    private readonly uint* _cqTail;
    private readonly uint _cqMask;
    private readonly RingAbi.Cqe* _cqes;
    private uint _prepared;

    private IoRing(int descriptor, in RingAbi.Parameters parameters)
    {
        _descriptor = descriptor;
        _ringsBytes = Math.Max(
            parameters.Cq.Cqes + (parameters.CqEntries * (nuint)sizeof(RingAbi.Cqe)), parameters.Sq.Array + (parameters.SqEntries * sizeof(uint)));
        _sqesBytes = parameters.SqEntries * RingAbi.SqeBytes;
        _rings = Map(_ringsBytes, 0);
        _sqes = Map(_sqesBytes, RingAbi.SqesOffset);
        var rings = (byte*)_rings;
        if (_rings == -1)
            return;
        _sqTail = (uint*)(rings + parameters.Sq.Tail);
        _sqMask = *(uint*)(rings + parameters.Sq.Mask);
        _cqHead = (uint*)(rings + parameters.Cq.Head);
        _cqTail = (uint*)(rings + parameters.Cq.Tail);
        _cqMask = *(uint*)(rings + parameters.Cq.Mask);
        _cqes = (RingAbi.Cqe*)(rings + parameters.Cq.Cqes);
    }

    /// <summary>Creates a ring that its thread enables. Null, and errno, where the kernel refuses.</summary>
    /// <param name="entries">Submissions that may be prepared at once.</param>
    public static IoRing? TryCreate(int entries, out int errno)
    {
        var parameters = new RingAbi.Parameters
        {
            Flags = RingAbi.SetupClamp | RingAbi.SetupDisabled | RingAbi.SetupSqe128 | RingAbi.SetupSingleIssuer | RingAbi.SetupDeferTaskRun
                | RingAbi.SetupNoSqArray,
        };
        errno = 0;
        int descriptor = LibC.io_uring_setup((uint)entries, &parameters);
        if (descriptor < 0)
        {
            errno = Errno.Last;
            return null;
        }
        var ring = new IoRing(descriptor, parameters);
        if (ring._rings != -1 && ring._sqes != -1)
            return ring;
        errno = Errno.ENOMEM;
        ring.Dispose();
        return null;
    }

    /// <summary>The calling thread is the one that uses it. 0, or errno.</summary>
    public int Enable() => LibC.io_uring_register(_descriptor, RingAbi.RegisterEnableRings, null, 0) == 0 ? 0 : Errno.Last;

    /// <summary>The next submission, set to zeros; as many fit as there are entries.</summary>
    public ref RingAbi.Sqe Prepare()
    {
        uint tail = *_sqTail;
        ref RingAbi.Sqe sqe = ref ((RingAbi.Sqe*)_sqes)[tail & _sqMask];
        sqe = default;
        Volatile.Write(ref *_sqTail, tail + 1);
        _prepared++;
        return ref sqe;
    }

    /// <summary>Submits what is prepared and, where asked to, waits until something is completed. 0, or errno.</summary>
    public int Enter(bool wait)
    {
        if (_prepared == 0 && !wait)
            return 0;
        int submitted = LibC.io_uring_enter(_descriptor, _prepared, wait ? 1u : 0, wait ? RingAbi.EnterGetEvents : 0);
        if (submitted < 0)
            return Errno.Last;
        _prepared -= (uint)submitted;
        return 0;
    }

    public bool TryTake(out RingAbi.Cqe cqe)
    {
        uint head = *_cqHead;
        cqe = default;
        if (head == Volatile.Read(ref *_cqTail))
            return false;
        cqe = _cqes[head & _cqMask];
        Volatile.Write(ref *_cqHead, head + 1);
        return true;
    }

    public void Dispose()
    {
        if (_rings != -1)
            _ = LibC.munmap(_rings, _ringsBytes);
        if (_sqes != -1)
            _ = LibC.munmap(_sqes, _sqesBytes);
        _ = LibC.close(_descriptor);
    }

    private nint Map(nuint bytes, long offset) =>
        LibC.mmap(null, bytes, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED | LibC.MAP_POPULATE, _descriptor, offset);
}
