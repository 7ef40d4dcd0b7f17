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
            _source.Serve(this, _stop);
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
