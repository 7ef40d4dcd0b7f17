using System.Runtime.InteropServices;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Fuse;

/// <summary>
/// One thread that answers requests, from the device or from those that were parked. It has a umask and a file system identity of its own, so
/// that what it creates belongs to the caller at once.
/// </summary>
internal sealed unsafe class FuseWorker : IDisposable
{
    public const int ScratchBytes = 128 << 10;

    private readonly RequestPool _pool;
    private readonly IFuseHandler _handler;
    private readonly CancellationToken _stop;
    private readonly Action _ended;
    private readonly Thread _thread;
    private readonly int _device;
    private uint _umask;

    /// <param name="device">Descriptor to read from; -1: requests that were parked.</param>
    public FuseWorker(string name, int device, RequestPool pool, IFuseHandler handler, Action ended, CancellationToken stop)
    {
        _device = device;
        _pool = pool;
        _handler = handler;
        _ended = ended;
        _stop = stop;
        Scratch = (byte*)NativeMemory.AlignedAlloc(ScratchBytes, FuseRequest.PageBytes);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    /// <summary>Memory for the length of one request.</summary>
    public byte* Scratch { get; }

    public void Start() => _thread.Start();

    public bool Join(TimeSpan limit) => _thread.Join(limit);

    public void Dispose() => NativeMemory.AlignedFree(Scratch);

    /// <summary>What this thread creates from now on belongs to the caller and has its umask.</summary>
    public void ActAs(FuseRequest request, uint umask)
    {
        if (_umask != umask)
            _ = LibC.umask(_umask = umask);
        if (request.Group != 0)
            _ = LibC.setfsgid(request.Group);
        if (request.User != 0)
            _ = LibC.setfsuid(request.User);
    }

    /// <summary>Root again.</summary>
    public static void ActAsSelf(FuseRequest request)
    {
        if (request.User != 0)
            _ = LibC.setfsuid(0);
        if (request.Group != 0)
            _ = LibC.setfsgid(0);
    }

    private void Run()
    {
        PrepareThread();
        try
        {
            if (_device >= 0)
                ServeDevice();
            else
                ServeResumed();
        }
        finally
        {
            _ended();
        }
    }

    /// <summary>
    /// A worker must not wait for memory that only its own answer can free (PR_SET_IO_FLUSHER; refused without CAP_SYS_RESOURCE, then the risk
    /// stays), and keeps its capabilities when it takes another file system identity (capabilities(7), SECBIT_NO_SETUID_FIXUP).
    /// </summary>
    private void PrepareThread()
    {
        _ = LibC.prctl(LibC.PR_SET_IO_FLUSHER, 1, 0, 0, 0);
        _ = LibC.unshare(LibC.CLONE_FS);
        int bits = LibC.prctl(LibC.PR_GET_SECUREBITS, 0, 0, 0, 0);
        if (bits >= 0)
            _ = LibC.prctl(LibC.PR_SET_SECUREBITS, (nuint)bits | LibC.SECBIT_NO_SETUID_FIXUP, 0, 0, 0);
        _ = LibC.umask(_umask = 0);
    }

    private void ServeDevice()
    {
        FuseRequest? request = null;
        while (!_stop.IsCancellationRequested)
        {
            request ??= _pool.Take(_stop);
            if (request is null)
                return;
            int errno = request.Receive(_device);
            if (errno is Errno.EINTR or Errno.ENOENT or Errno.EAGAIN)
                continue;
            if (errno != 0)
            {
                if (!_stop.IsCancellationRequested)
                    _handler.ConnectionEnded(errno);
                break;
            }
            if (!Serve(request))
                request = null;
        }
        if (request is not null)
            _pool.Return(request);
    }

    private void ServeResumed()
    {
        while (_pool.TakeResumed(_stop) is { } request)
        {
            if (Serve(request))
                _pool.Return(request);
        }
    }

    /// <returns>Whether the request still belongs to this worker.</returns>
    private bool Serve(FuseRequest request)
    {
        try
        {
            if (!_handler.Handle(request, this))
                return false;
        }
        catch (Exception exception)
        {
            _handler.Failed(request, exception);
        }
        request.Send();
        return true;
    }
}
