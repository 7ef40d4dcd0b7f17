namespace SafeKit.Lab.Load;

/// <summary>A time in which probes went unanswered.</summary>
/// <param name="StartNs">When the first probe that got no answer was sent.</param>
/// <param name="EndNs">When the first probe sent after the last unanswered one had its answer.</param>
/// <param name="Unanswered">Probes without an answer.</param>
/// <param name="Over">False when no probe was answered again.</param>
public readonly record struct OutageEpisode(long StartNs, long EndNs, int Unanswered, bool Over)
{
    public double Seconds => (EndNs - StartNs) / 1e9;
}
