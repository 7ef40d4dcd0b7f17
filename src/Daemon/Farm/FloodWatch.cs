using SafeKit.Core;

namespace SafeKit.Daemon.Farm;

/// <summary>Looks once a second at what the filter has answered for each module, and says when a flood begins and when it has ended.</summary>
public sealed class FloodWatch : IAsyncDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);
    private readonly FilterHost _filter;
    private readonly Action<string, string> _tell;
    private readonly Dictionary<int, FloodJudge> _judges = [];
    private readonly PeriodicTimer _timer = new(_interval);
    private readonly Task _loop;

    /// <param name="tell">Called with the name of a module and a line for its log.</param>
    public FloodWatch(FilterHost filter, Action<string, string> tell)
    {
        _filter = filter;
        _tell = tell;
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _loop;
    }

    private async Task RunAsync()
    {
        do
            Look();
        while (await _timer.WaitForNextTickAsync());
    }

    private void Look()
    {
        long[] answered;
        try
        {
            answered = _filter.ReadCookies();
        }
        catch (SafeKitException)
        {
            // Nothing depends on these lines; the next look tries again.
            return;
        }

        for (var slot = 0; slot < answered.Length; slot++)
        {
            if (!_judges.TryGetValue(slot, out var judge))
                _judges.Add(slot, judge = new FloodJudge());
            if (judge.Look(answered[slot], MonotonicClock.NowNs) is { } change && _filter.Parts().TryGetValue(slot, out var part))
                _tell(part.Module, change.Describe(part.Addresses.Where(a => a.AnswersSyns).Select(a => a.Address.ToString())));
        }
    }
}
