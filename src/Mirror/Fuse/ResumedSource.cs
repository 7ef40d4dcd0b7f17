namespace SafeKit.Mirror.Fuse;

/// <summary>Requests of the device that were parked and may go on.</summary>
internal sealed class ResumedSource(RequestPool pool) : IRequestSource
{
    public void Serve(FuseWorker worker, CancellationToken stop)
    {
        while (pool.TakeResumed(stop) is { } request)
        {
            if (worker.Serve(request))
                pool.Return(request);
        }
    }
}
