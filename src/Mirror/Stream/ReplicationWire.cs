using System.Net.Sockets;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// The socket below TLS. Reading and writing block in the kernel and nowhere else: on a socket that was once used asynchronously the runtime takes
/// every packet through a thread of its own and one of the pool before the reader wakes. One reader, one writer, not synchronised.
/// </summary>
internal sealed unsafe class ReplicationWire : System.IO.Stream
{
    private const int BufferBytes = 256 << 10;

    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;
    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(BufferBytes);
    private readonly byte[] _leaving = GC.AllocateUninitializedArray<byte>(BufferBytes);
    private int _start;
    private int _end;
    private int _gathered;

    /// <summary>Takes the socket over, and tunes it.</summary>
    public ReplicationWire(Socket socket)
    {
        _socket = socket;
        ReplicationSocket.Tune(socket);
        _handle = socket.SafeHandle;
        int descriptor = (int)_handle.DangerousGetHandle();
        int flags = LibC.fcntl(descriptor, LibC.F_GETFL, 0);
        if (flags < 0 || LibC.fcntl(descriptor, LibC.F_SETFL, flags & ~LibC.O_NONBLOCK) != 0)
            throw Failed();
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether bytes have been received that nobody has read.</summary>
    public bool HasMore => _end > _start;

    /// <summary>Whether some ten kibibytes can be written without waiting: the kernel says so while a third of its buffer is free.</summary>
    public bool HasRoom
    {
        get
        {
            var poll = new PollFd { Fd = (int)_handle.DangerousGetHandle(), Events = LibC.POLLOUT };
            return LibC.poll(&poll, 1, 0) == 1 && poll.Results == LibC.POLLOUT;
        }
    }

    /// <summary>Writes are sent in large pieces, the last of them by <see cref="Flush"/>; set by who writes. False: each is sent at once.</summary>
    public bool Gathers { get; set; }

    /// <summary>A write that takes longer ends the connection.</summary>
    public void LimitWrites(TimeSpan limit) => Limit(LibC.SO_SNDTIMEO, limit);

    /// <summary>A read that takes longer ends the connection.</summary>
    public void LimitReads(TimeSpan limit) => Limit(LibC.SO_RCVTIMEO, limit);

    public override int Read(Span<byte> buffer)
    {
        if (_start == _end)
            (_start, _end) = (0, Receive());
        int bytes = Math.Min(buffer.Length, _end - _start);
        _received.AsSpan(_start, bytes).CopyTo(buffer);
        _start += bytes;
        return bytes;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!Gathers)
        {
            SendAll(buffer);
            return;
        }

        while (buffer.Length > 0)
        {
            int room = Math.Min(buffer.Length, BufferBytes - _gathered);
            buffer[..room].CopyTo(_leaving.AsSpan(_gathered));
            _gathered += room;
            buffer = buffer[room..];
            if (_gathered == BufferBytes)
                Flush();
        }
    }

    public override void Flush()
    {
        int bytes = _gathered;
        _gathered = 0;
        SendAll(_leaving.AsSpan(0, bytes));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>
    /// For the few messages of the handshakes: waits on a thread of its own, for strangers must not hold those of the pool. When it is cancelled
    /// the connection ends.
    /// </summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default) => HasMore
        ? ValueTask.FromResult(Read(buffer.Span))
        : new(Task.Factory.StartNew(
            () => ReadUnlessCancelled(buffer, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));

    /// <summary>What is written before the first operation fits into the kernel's buffer.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancel = default)
    {
        cancel.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancel)
    {
        Flush();
        return Task.CompletedTask;
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Shutdown();
            _socket.Dispose();
        }

        base.Dispose(disposing);
    }

    private int ReadUnlessCancelled(Memory<byte> buffer, CancellationToken cancel)
    {
        using CancellationTokenRegistration end = cancel.Register(Shutdown);
        try
        {
            return Read(buffer.Span);
        }
        finally
        {
            cancel.ThrowIfCancellationRequested();
        }
    }

    private int Receive()
    {
        fixed (byte* buffer = _received)
        {
            while (true)
            {
                nint read = LibC.recv(_handle, buffer, BufferBytes, 0);
                if (read >= 0)
                    return (int)read;
                if (Errno.Last != Errno.EINTR)
                    throw Failed();
            }
        }
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            nint sent;
            fixed (byte* first = bytes)
                sent = LibC.send(_handle, first, (nuint)bytes.Length, LibC.MSG_NOSIGNAL);
            if (sent >= 0)
                bytes = bytes[(int)sent..];
            else if (Errno.Last != Errno.EINTR)
                throw Failed();
        }
    }

    /// <summary>socket(7): struct timeval.</summary>
    private void Limit(int option, TimeSpan limit)
    {
        var time = new Timespec { Seconds = (long)limit.TotalSeconds, Fraction = limit.Microseconds + (limit.Milliseconds * 1000) };
        if (LibC.setsockopt(_handle, LibC.SOL_SOCKET, option, &time, (uint)sizeof(Timespec)) != 0)
            throw Failed();
    }

    private void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    private static IOException Failed()
    {
        int errno = Errno.Last;
        return errno == Errno.EAGAIN
            ? new IOException("the other node took too long", new SocketException((int)SocketError.TimedOut))
            : new IOException(Errno.Describe("the connection to the other node", errno));
    }
}
