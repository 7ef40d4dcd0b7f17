using System.ComponentModel;
using SafeKit.Core;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Bench.Mirror;

/// <summary>
/// One caller of the recorder, as a worker of a mount is one; what an application's thread does in the kernel meanwhile is played by an eventfd
/// that it sleeps on.
/// </summary>
internal sealed unsafe class StreamCaller : IAcknowledgementWaiter, IParkedRequest, IDisposable
{
    private readonly IChangeRecorder _recorder;
    private readonly int _wake = LibC.eventfd(0, LibC.EFD_CLOEXEC);

    public StreamCaller(IChangeRecorder recorder)
    {
        _recorder = recorder;
        if (_wake < 0)
            throw new SafeKitException($"eventfd: {new Win32Exception().Message}");
    }

    /// <summary>Inside the gate; waits where the window is full.</summary>
    public ulong Append(ref OperationHeader header, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        while (!_recorder.TryEnter(this))
            Sleep();
        var handle = new FileHandle { Type = 1, Bytes = 8 };
        var sequence = _recorder.Append(ref header, handle, name, [], data);
        _recorder.Exit();
        return sequence;
    }

    public ulong Write(ulong file, long offset, ReadOnlySpan<byte> data)
    {
        var header = OperationHeader.Of(OperationKind.Write, 0, file);
        header.MtimeNs = MonotonicClock.NowNs;
        header.Offset = offset;
        header.Length = data.Length;
        return Append(ref header, [], data);
    }

    public void Sync(ulong file)
    {
        var header = OperationHeader.Of(OperationKind.Sync, 0, file);
        header.Flags = OperationFlags.DataOnly;
        Await(Append(ref header, [], []), Acknowledgement.Barrier);
    }

    public void Await(ulong sequence, Acknowledgement level)
    {
        _recorder.WhenAcknowledged(sequence, level, this);
        Sleep();
    }

    public void Acknowledged() => Wake();

    public void Resume() => Wake();

    public void Dispose() => _ = LibC.close(_wake);

    private void Wake()
    {
        ulong one = 1;
        _ = LibC.write(_wake, (byte*)&one, sizeof(ulong));
    }

    private void Sleep()
    {
        ulong count;
        _ = LibC.read(_wake, (byte*)&count, sizeof(ulong));
    }
}
