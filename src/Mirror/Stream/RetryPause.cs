namespace SafeKit.Mirror.Stream;

/// <summary>Pauses that double from a least to a greatest.</summary>
internal sealed class RetryPause(TimeSpan least, TimeSpan greatest)
{
    private int _doublings;

    public TimeSpan Next()
    {
        TimeSpan pause = least * Math.Pow(2, _doublings);
        if (pause >= greatest)
            return greatest;
        _doublings++;
        return pause;
    }

    public void Reset() => _doublings = 0;
}
