using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Fuse;

/// <summary>
/// One request of the kernel with its buffer, and the room for its reply. Belongs to one thread at a time. The buffer lies so that the data
/// of a WRITE begin a page;
/// small replies are built before the request, replies with data over it.
/// </summary>
internal sealed unsafe class FuseRequest : IParkedRequest, IDisposable
{
    public const int WriteBytesMax = 1 << 20;
    public const int PageBytes = 4096;

    /// <summary>in_header and write_in.</summary>
    private const int WriteHeadBytes = 80;
    private const int RequestOffset = PageBytes - WriteHeadBytes;
    private const int ReadBytesMax = WriteHeadBytes + WriteBytesMax + PageBytes;

    /// <summary>Room of a small reply with its header, at the beginning of the buffer.</summary>
    private const int SmallBytes = 2048;

    private readonly Action<FuseRequest> _resumed;
    private readonly byte* _memory;
    private byte* _fixed;
    private byte* _rest;
    private int _fixedBytes;
    private int _restBytes;
    private byte* _reply;
    private int _replyBytes;

    /// <param name="resumed">Called when it was parked and may go on.</param>
    public FuseRequest(Action<FuseRequest> resumed)
    {
        _resumed = resumed;
        _memory = (byte*)NativeMemory.AlignedAlloc(PageBytes + WriteBytesMax + PageBytes, PageBytes);
    }

    /// <summary>Where the reply must go.</summary>
    public IReplyTarget? Target { get; private set; }

    /// <summary>The ring's headers of this buffer.</summary>
    public Ring.RingAbi.EntryHeaders* Headers => (Ring.RingAbi.EntryHeaders*)(_memory + SmallBytes);

    public FuseOpcode Opcode { get; private set; }

    public ulong Unique { get; private set; }

    public ulong Node { get; private set; }

    public uint User { get; private set; }

    public uint Group { get; private set; }

    /// <summary>Bytes of all arguments, names and data included.</summary>
    public int ArgumentBytes => _fixedBytes + _restBytes;

    /// <summary>Whether a reply has been prepared that <see cref="Send"/> is to send.</summary>
    public bool HasReply => _replyBytes != 0;

    /// <summary>Of FORGET and its like, which lie in one piece.</summary>
    public byte* Argument => _fixed;

    /// <summary>Behind the last of the arguments.</summary>
    public byte* End => _rest + _restBytes;

    /// <summary>Data of a WRITE; and where data of a reply are put.</summary>
    public byte* Data => _memory + PageBytes;

    /// <summary>Room for data of a reply.</summary>
    public static int DataRoom => WriteBytesMax;

    public ReadOnlySpan<byte> PreparedReply => new(_reply, _replyBytes);

    /// <summary>Waits for a request from the device. 0, or errno.</summary>
    public int Receive(int device, IReplyTarget target)
    {
        nint bytes = LibC.read(device, _memory + RequestOffset, ReadBytesMax);
        if (bytes < 0)
            return Errno.Last;
        var header = (FuseAbi.InHeader*)(_memory + RequestOffset);
        if (bytes < sizeof(FuseAbi.InHeader) || header->Length != bytes)
            return Errno.EIO;
        _fixed = _rest = _memory + RequestOffset + sizeof(FuseAbi.InHeader);
        _fixedBytes = 0;
        _restBytes = (int)bytes - sizeof(FuseAbi.InHeader);
        Begin(*header, target);
        return 0;
    }

    /// <summary>A request that the kernel has put into the ring's headers and behind <see cref="Data"/>.</summary>
    public void Accept(IReplyTarget target)
    {
        _fixed = &Headers->Fixed;
        _rest = Data;
        _restBytes = (int)Headers->PayloadBytes;
        _fixedBytes = Math.Max(0, (int)Headers->In.Length - sizeof(FuseAbi.InHeader) - _restBytes);
        Begin(Headers->In, target);
    }

    /// <summary>The fixed arguments; zeros where the message is shorter than they.</summary>
    public T In<T>()
        where T : unmanaged
    {
        T value = default;
        Unsafe.CopyBlockUnaligned(&value, _fixed, (uint)Math.Min(sizeof(T), _fixedBytes == 0 ? _restBytes : _fixedBytes));
        return value;
    }

    /// <summary>The name that begins at an offset of the arguments, ended by 0; null where it is not ended within the message.</summary>
    public byte* Name(int offset)
    {
        int past = offset - _fixedBytes;
        if (past < 0 || past >= _restBytes)
            return null;
        return new ReadOnlySpan<byte>(_rest + past, _restBytes - past).Contains((byte)0) ? _rest + past : null;
    }

    /// <summary>The name behind another one.</summary>
    public byte* NameAfter(byte* name) => Name((int)(name - _rest) + _fixedBytes + Span(name).Length + 1);

    public static ReadOnlySpan<byte> Span(byte* name) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);

    /// <summary>Room of a small reply, set to zeros.</summary>
    public T* Out<T>()
        where T : unmanaged
    {
        var result = (T*)(_memory + sizeof(FuseAbi.OutHeader));
        *result = default;
        return result;
    }

    public void Fail(int errno) => Prepare(_memory, -errno, 0);

    /// <summary>Done, with as many bytes as were written to <see cref="Out"/>.</summary>
    public void Reply(int bytes = 0) => Prepare(_memory, 0, bytes);

    /// <summary>Done, with as many bytes at <see cref="Data"/>.</summary>
    public void ReplyData(int bytes) => Prepare(Data - sizeof(FuseAbi.OutHeader), 0, bytes);

    /// <summary>Errno where it is not 0, else done.</summary>
    public void Answer(int errno)
    {
        if (errno != 0)
            Fail(errno);
        else
            Reply();
    }

    public void Send()
    {
        if (_replyBytes == 0)
            return;
        int bytes = _replyBytes;
        _replyBytes = 0;
        Target!.Send(new ReadOnlySpan<byte>(_reply, bytes));
    }

    /// <summary>Somebody else sends the prepared reply.</summary>
    public void HandOver() => _replyBytes = 0;

    public void Resume() => _resumed(this);

    public void Dispose() => NativeMemory.AlignedFree(_memory);

    private void Begin(in FuseAbi.InHeader header, IReplyTarget target)
    {
        Target = target;
        Opcode = header.Opcode;
        Unique = header.Unique;
        Node = header.Node;
        User = header.User;
        Group = header.Group;
        _replyBytes = 0;
    }

    private void Prepare(byte* place, int error, int bytes)
    {
        _reply = place;
        _replyBytes = sizeof(FuseAbi.OutHeader) + bytes;
        *(FuseAbi.OutHeader*)place = new FuseAbi.OutHeader { Length = (uint)_replyBytes, Error = error, Unique = Unique };
    }
}
