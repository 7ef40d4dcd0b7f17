namespace SafeKit.Mirror.Fuse;

/// <summary>The replies that wait, pooled; as many as the kernel has calls under way. Each keeps the device open.</summary>
internal sealed class PendingReplies(Action used, Action unused)
{
    private readonly Lock _room = new();
    private readonly Stack<PendingReply> _free = new();
    private bool _closed;

    public PendingReply Take(FuseRequest request, int parts)
    {
        used();
        PendingReply? reply;
        lock (_room)
            _free.TryPop(out reply);
        reply ??= new PendingReply(this);
        reply.Begin(request, parts);
        return reply;
    }

    public void Return(PendingReply reply)
    {
        lock (_room)
        {
            if (_closed)
                reply.Free();
            else
                _free.Push(reply);
        }
        unused();
    }

    /// <summary>Frees those that nobody waits for; the others go when they are done.</summary>
    public void Close()
    {
        lock (_room)
        {
            _closed = true;
            while (_free.TryPop(out PendingReply? reply))
                reply.Free();
        }
    }
}
