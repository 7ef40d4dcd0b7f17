using System.Diagnostics;
using System.Runtime.InteropServices;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Fuse;

/// <summary>
/// A reply that is ready and waits: for the other node, for the local disk, or for both. The last of them sends it, on whatever thread that is.
/// </summary>
internal sealed unsafe class PendingReply(PendingReplies pool) : IAcknowledgementWaiter
{
    /// <summary>The largest reply that waits is that of CREATE: header, entry, handle.</summary>
    public const int BytesMax = 192;

    private readonly byte* _bytes = (byte*)NativeMemory.Alloc(BytesMax);
    private int _length;
    private IReplyTarget? _target;
    private int _remaining;

    /// <summary>Descriptor for the local part, and how it is synced.</summary>
    public int Descriptor { get; private set; }

    public LocalSync Sync { get; private set; }

    /// <summary><see cref="Stopwatch"/> ticks when the local part was ordered.</summary>
    public long Began { get; private set; }

    /// <summary>Takes the prepared reply over; it is sent after <paramref name="parts"/> calls of <see cref="PartDone"/>.</summary>
    public void Begin(FuseRequest request, int parts)
    {
        request.PreparedReply.CopyTo(new Span<byte>(_bytes, BytesMax));
        _length = request.PreparedReply.Length;
        _target = request.Target;
        _remaining = parts;
        request.HandOver();
    }

    public void SetLocalPart(int descriptor, LocalSync sync)
    {
        Descriptor = descriptor;
        Sync = sync;
        Began = Stopwatch.GetTimestamp();
    }

    public void Acknowledged() => PartDone(0);

    /// <param name="errno">Not 0: the call fails with it.</param>
    public void PartDone(int errno)
    {
        if (errno != 0)
        {
            var header = (FuseAbi.OutHeader*)_bytes;
            header->Error = -errno;
            header->Length = (uint)(_length = sizeof(FuseAbi.OutHeader));
        }
        if (Interlocked.Decrement(ref _remaining) != 0)
            return;
        _target!.Send(new ReadOnlySpan<byte>(_bytes, _length));
        pool.Return(this);
    }

    public void Free() => NativeMemory.Free(_bytes);
}
