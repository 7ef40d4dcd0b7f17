namespace SafeKit.Mirror.Fuse;

/// <summary>Who answers requests. Called by many workers at once.</summary>
internal interface IFuseHandler
{
    /// <summary>Prepares the reply, or hands it over, or keeps the request.</summary>
    /// <returns>False where the request is parked and no longer belongs to the worker.</returns>
    bool Handle(FuseRequest request, FuseWorker worker);

    /// <summary>The handler failed in a way that it did not foresee.</summary>
    void Failed(FuseRequest request, Exception exception);

    /// <summary>A worker stops although nobody asked it to: the kernel has ended the connection. Called by every worker.</summary>
    /// <param name="errno">What reading from the device gave; ENODEV: it was unmounted or aborted.</param>
    void ConnectionEnded(int errno);
}
