namespace SafeKit.Mirror.Fuse;

/// <summary>
/// The buffers of one tree: bounded. Those in use belong to workers or are parked; what was parked and may go on waits here for a worker.
/// </summary>
internal sealed class RequestPool : IDisposable
{
    private readonly Lock _room = new();
    private readonly FuseRequest[] _free;
    private readonly SemaphoreSlim _available;
    private readonly Queue<FuseRequest> _resumed;
    private readonly SemaphoreSlim _resumedCount = new(0);
    private int _freeCount;

    public RequestPool(int capacity)
    {
        _free = new FuseRequest[capacity];
        _available = new SemaphoreSlim(capacity);
        _resumed = new Queue<FuseRequest>(capacity);
    }

    /// <summary>Waits until a buffer is free. Null when <paramref name="stop"/> comes first.</summary>
    public FuseRequest? Take(CancellationToken stop)
    {
        if (!Wait(_available, stop))
            return null;
        lock (_room)
        {
            if (_freeCount > 0)
                return _free[--_freeCount];
            return new FuseRequest(Resumed);
        }
    }

    public void Return(FuseRequest request)
    {
        lock (_room)
            _free[_freeCount++] = request;
        _available.Release();
    }

    private void Resumed(FuseRequest request)
    {
        lock (_room)
            _resumed.Enqueue(request);
        _resumedCount.Release();
    }

    /// <summary>Waits for a request that was parked and may go on. Null when <paramref name="stop"/> comes first.</summary>
    public FuseRequest? TakeResumed(CancellationToken stop)
    {
        if (!Wait(_resumedCount, stop))
            return null;
        lock (_room)
            return _resumed.Dequeue();
    }

    /// <summary>Frees the memory of buffers that nobody has; the others are left to whoever holds them.</summary>
    public void Dispose()
    {
        lock (_room)
        {
            while (_freeCount > 0)
                _free[--_freeCount].Dispose();
        }
    }

    private static bool Wait(SemaphoreSlim semaphore, CancellationToken stop)
    {
        try
        {
            semaphore.Wait(stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
