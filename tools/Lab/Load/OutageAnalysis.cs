namespace SafeKit.Lab.Load;

/// <summary>
/// Turns a stream of probes into outages. An outage runs from the sending of the first unanswered probe to the answer
/// of the first probe sent after the last unanswered one. Unanswered probes further apart than the quiet time belong to
/// different outages, so that one probe lost to a busy machine does not stretch a failover.
/// </summary>
public static class OutageAnalysis
{
    public static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(300);

    /// <summary>All outages in the order of time.</summary>
    public static IReadOnlyList<OutageEpisode> Episodes(IEnumerable<RequestOutcome> probes)
    {
        var episodes = new List<OutageEpisode>();
        OutageEpisode? open = null;
        var lastUnansweredNs = 0L;
        foreach (var probe in probes.OrderBy(probe => probe.SentNs))
        {
            if (!probe.Answered)
            {
                open = Extend(episodes, open, probe, lastUnansweredNs);
                lastUnansweredNs = probe.SentNs;
            }
            else if (open is { Over: false } episode)
            {
                open = episode with { EndNs = probe.DoneNs, Over = true };
            }
        }

        if (open is not null)
            episodes.Add(open.Value);
        return episodes;
    }

    /// <summary>The longest outage; one of no length when every probe was answered.</summary>
    public static OutageEpisode Longest(IEnumerable<RequestOutcome> probes) =>
        Episodes(probes).OrderByDescending(episode => episode.Seconds).FirstOrDefault();

    // Adds an unanswered probe to the open episode, or closes that for good and opens another.
    private static OutageEpisode Extend(
        List<OutageEpisode> episodes, OutageEpisode? open, RequestOutcome probe, long lastUnansweredNs)
    {
        var quietNs = QuietTime.Ticks * 100;
        if (open is { } episode && probe.SentNs - lastUnansweredNs <= quietNs)
            return episode with { EndNs = probe.DoneNs, Unanswered = episode.Unanswered + 1, Over = false };
        if (open is { } finished)
            episodes.Add(finished);
        return new OutageEpisode(probe.SentNs, probe.DoneNs, 1, Over: false);
    }
}
