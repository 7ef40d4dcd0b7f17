using System.Runtime.InteropServices;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Fuse;

/// <summary>
/// One thread that answers requests, from whatever source. It has a umask and a file system identity of its own, so
/// that what it creates belongs to the caller at once.
/// </summary>
internal sealed unsafe class FuseWorker : IDisposable
{
    public const int ScratchBytes = 128 << 10;

    private readonly IRequestSource _source;
    private readonly CancellationToken _stop;
    private readonly Action _ended;
    private readonly Thread _thread;
    private uint _umask;

    public FuseWorker(string name, IRequestSource source, IFuseHandler handler, Action ended, CancellationToken stop)
    {
        _source = source;
        Handler = handler;
        _ended = ended;
        _stop = stop;
        Scratch = (byte*)NativeMemory.AlignedAlloc(ScratchBytes, FuseRequest.PageBytes);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    public IFuseHandler Handler { get; }

    /// <summary>Memory for the length of one request.</summary>
    public byte* Scratch { get; }

    public void Start() => _thread.Start();

    /// <summary>Gives back what a worker holds that was never started; without effect on another.</summary>
    public void Abandon()
    {
        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            return;
        Dispose();
        _ended();
    }

    public bool Join(TimeSpan limit) => _thread.Join(limit);

    public void Dispose() => NativeMemory.AlignedFree(Scratch);

    /// <summary>What this thread creates from now on has the umask of the caller.</summary>
    public void TakeUmask(uint umask)
    {
        if (_umask != umask)
            _ = LibC.umask(_umask = umask);
    }

    private void Run()
    {
        PrepareThread();
        try
        {
            _source.Serve(this, _stop);
        }
        finally
        {
            _ended();
        }
    }

    /// <summary>
    /// A worker must not wait for memory that only its own answer can free (PR_SET_IO_FLUSHER; refused without CAP_SYS_RESOURCE, then the risk
    /// stays).
    /// </summary>
    private static void PrepareThread()
    {
        _ = LibC.prctl(LibC.PR_SET_IO_FLUSHER, 1, 0, 0, 0);
        CreatorIdentity.Prepare();
    }

    /// <returns>Whether the request still belongs to this worker.</returns>
    public bool Serve(FuseRequest request)
    {
        try
        {
            if (!Handler.Handle(request, this))
                return false;
        }
        catch (Exception exception)
        {
            Handler.Failed(request, exception);
        }
        request.Send();
        return true;
    }
}
