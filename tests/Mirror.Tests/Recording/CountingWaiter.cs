using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Recording;

internal sealed class CountingWaiter : IAcknowledgementWaiter
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public void Acknowledged() => Interlocked.Increment(ref _calls);
}
