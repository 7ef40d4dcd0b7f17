namespace SafeKit.Mirror.Fuse;

/// <summary>Where a worker gets its requests from.</summary>
internal interface IRequestSource
{
    /// <summary>Serves until the source ends or <paramref name="stop"/> comes; on the worker's own thread.</summary>
    void Serve(FuseWorker worker, CancellationToken stop);
}
