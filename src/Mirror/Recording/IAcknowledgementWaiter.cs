namespace SafeKit.Mirror.Recording;

/// <summary>Somebody who may go on once the other node has acknowledged.</summary>
public interface IAcknowledgementWaiter
{
    /// <summary>Called once, on the thread that reads the acknowledgements or on the caller's own: must not block.</summary>
    void Acknowledged();
}
