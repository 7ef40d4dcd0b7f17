using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Recording;

internal static class RecorderWaiting
{
    /// <summary>The next piece to send; waits for it at most so long, as the sender's thread does.</summary>
    public static bool WaitForBatch(this ChangeRecorder recorder, int limitMs, out WindowBatch batch)
    {
        recorder.WaitForWork(limitMs);
        return recorder.TryTakeBatch(out batch);
    }
}
