namespace SafeKit.Mirror.Recording;

/// <summary>A thread that waits among the parked requests for its turn.</summary>
internal sealed class ParkedThread : IParkedRequest
{
    private readonly ManualResetEventSlim _turn = new(false);

    public void Resume() => _turn.Set();

    /// <summary>Returns when it is this one's turn, or cancelled.</summary>
    public void Wait(CancellationToken cancel) => WaitHandle.WaitAny([_turn.WaitHandle, cancel.WaitHandle]);
}
