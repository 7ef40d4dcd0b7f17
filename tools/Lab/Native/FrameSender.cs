using System.Runtime.InteropServices;

namespace SafeKit.Lab.Native;

/// <summary>
/// Sends frames on one interface, many with each system call. Owns a descriptor and the memory of the frames; used by one thread at a time.
/// </summary>
internal sealed unsafe class FrameSender : IDisposable
{
    /// <summary>Frames of one call.</summary>
    public const int Batch = 64;

    private const int FrameBytesMax = 128;
    private const int MessageWords = 8; // struct mmsghdr
    private const int MessageVector = 2;
    private const int MessageVectorLength = 3;
    private const int VectorWords = 2; // struct iovec
    private const int AddressBytes = 20; // struct sockaddr_ll
    private const int AddressInterfaceOffset = 4;

    private readonly byte* _frames = (byte*)NativeMemory.AllocZeroed(Batch * FrameBytesMax);
    private readonly nint* _messages = (nint*)NativeMemory.AllocZeroed(Batch * MessageWords * (nuint)sizeof(nint));
    private readonly nint* _vectors = (nint*)NativeMemory.AllocZeroed(Batch * VectorWords * (nuint)sizeof(nint));
    private int _descriptor;
    private int _count;

    /// <summary>Opens it; call this on a thread of the namespace.</summary>
    public FrameSender(string interfaceName)
    {
        // Protocol 0: it receives nothing.
        _descriptor = Libc.socket(Libc.AF_PACKET, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, 0);
        var address = stackalloc byte[AddressBytes];
        new Span<byte>(address, AddressBytes).Clear();
        *(ushort*)address = Libc.AF_PACKET;
        *(uint*)(address + AddressInterfaceOffset) = Libc.if_nametoindex(interfaceName);
        if (_descriptor < 0 || Libc.bind(_descriptor, address, AddressBytes) != 0)
            throw new LabException($"cannot send frames on {interfaceName}: errno {Marshal.GetLastPInvokeError()}");
        for (var i = 0; i < Batch; i++)
        {
            _vectors[i * VectorWords] = (nint)(_frames + i * FrameBytesMax);
            _messages[i * MessageWords + MessageVector] = (nint)(_vectors + i * VectorWords);
            _messages[i * MessageWords + MessageVectorLength] = 1;
        }
    }

    public bool IsFull => _count == Batch;

    /// <summary>Where the next frame is written; <see cref="Add"/> makes it part of what is sent.</summary>
    public Span<byte> Next => new(_frames + _count * FrameBytesMax, FrameBytesMax);

    public void Add(int bytes)
    {
        _vectors[_count * VectorWords + 1] = bytes;
        _count++;
    }

    /// <summary>Sends what was added and returns how much of it the kernel took; the rest is lost, as on a wire.</summary>
    public int Flush()
    {
        var sent = _count == 0 ? 0 : Libc.sendmmsg(_descriptor, _messages, (uint)_count, 0);
        _count = 0;
        return Math.Max(sent, 0);
    }

    public void Dispose()
    {
        if (_descriptor < 0)
            return;
        _ = Libc.close(_descriptor);
        _descriptor = -1;
        NativeMemory.Free(_frames);
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
    }
}
