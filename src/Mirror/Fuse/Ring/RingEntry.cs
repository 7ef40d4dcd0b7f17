using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Fuse.Ring;

/// <summary>One entry of a ring's queue: the buffer of one request at a time, and where its reply goes.</summary>
internal sealed unsafe class RingEntry : IReplyTarget
{
    private readonly RingSource _source;
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(2, pinned: true);
    private int _hasReply;

    public RingEntry(RingSource source, int index)
    {
        _source = source;
        Index = index;
        Request = new FuseRequest(_ => source.Post(this));
        _vectors[0] = new IoVector { Base = Request.Headers, Length = (nuint)sizeof(RingAbi.EntryHeaders) };
        _vectors[1] = new IoVector { Base = Request.Data, Length = FuseRequest.WriteBytesMax };
    }

    public int Index { get; }

    public FuseRequest Request { get; }

    /// <summary>What the entry is registered with: its headers and its data.</summary>
    public IoVector* Vectors => (IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, 0);

    /// <summary>Whether its reply is ready, so that it is to be given back to the kernel.</summary>
    public bool HasReply => Volatile.Read(ref _hasReply) != 0;

    public void Arrived() => Request.Accept(this);

    public void Send(ReadOnlySpan<byte> reply)
    {
        ReadOnlySpan<byte> body = reply[sizeof(FuseAbi.OutHeader)..];
        RingAbi.EntryHeaders* headers = Request.Headers;
        headers->Out = MemoryMarshal.Read<FuseAbi.OutHeader>(reply);
        headers->PayloadBytes = (uint)body.Length;
        if (Unsafe.AsPointer(ref MemoryMarshal.GetReference(body)) != Request.Data)
            body.CopyTo(new Span<byte>(Request.Data, FuseRequest.DataRoom));
        Volatile.Write(ref _hasReply, 1);
        _source.Post(this);
    }

    /// <summary>Is given back to the kernel.</summary>
    /// <returns>Which request that ends.</returns>
    public ulong Leave()
    {
        Volatile.Write(ref _hasReply, 0);
        return Request.Headers->CommitId;
    }
}
