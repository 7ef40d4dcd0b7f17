using SafeKit.Core;

namespace SafeKit.Lab.Load;

/// <summary>Counts the outcomes of one client's requests. Any thread may add and ask.</summary>
public sealed class LoadStatistics
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _answers = [];
    private readonly Dictionary<string, long> _errors = [];
    private readonly LatencyHistogram _latencies = new();
    private long _sent;

    public void CountSent()
    {
        lock (_lock)
            _sent++;
    }

    public void Add(RequestOutcome outcome)
    {
        lock (_lock)
        {
            if (outcome.Node is { } node)
            {
                _answers[node] = _answers.GetValueOrDefault(node) + 1;
                _latencies.Add(outcome.LatencyMs);
            }
            else
            {
                var error = outcome.Error ?? "unknown";
                _errors[error] = _errors.GetValueOrDefault(error) + 1;
            }
        }
    }

    public LoadSnapshot Snapshot()
    {
        lock (_lock)
            return new LoadSnapshot(
                MonotonicClock.NowNs,
                _sent,
                new Dictionary<string, long>(_answers),
                new Dictionary<string, long>(_errors),
                _latencies.Copy());
    }
}
