using SafeKit.Core;
using SafeKit.Mirror;

namespace SafeKit.Daemon.Mirror;

/// <summary>Averages over three seconds of what the data sends and copies (resources <c>rfs.rep_bandwidth</c>, <c>rfs.rei_bandwidth</c>).</summary>
public sealed class BandwidthMeter : IDisposable
{
    private const int Seconds = 3;
    private readonly Queue<(long AtNs, long Bytes, long Copied)> _samples = new();
    private readonly Func<ReplicatedDataStatus> _status;
    private readonly Timer _timer;

    public BandwidthMeter(Func<ReplicatedDataStatus> status)
    {
        _status = status;
        _timer = new Timer(_ => Observe(MonotonicClock.NowNs), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    public double ReplicationKBs { get; private set; }

    public double ReintegrationKBs { get; private set; }

    public void Dispose() => _timer.Dispose();

    private void Observe(long nowNs)
    {
        lock (_samples)
        {
            var status = _status();
            _samples.Enqueue((nowNs, status.Bytes, status.Reintegration?.BytesCopied ?? 0));
            while (_samples.Count > Seconds + 1)
                _samples.Dequeue();
            var oldest = _samples.Peek();
            var newest = _samples.Last();
            ReplicationKBs = Rate(newest.Bytes - oldest.Bytes, newest.AtNs - oldest.AtNs);
            ReintegrationKBs = Rate(newest.Copied - oldest.Copied, newest.AtNs - oldest.AtNs);
        }
    }

    /// <summary>A count that began anew with another role is no negative rate.</summary>
    private static double Rate(long bytes, long ns) => ns <= 0 || bytes <= 0 ? 0 : bytes / 1024.0 / (ns / 1e9);
}
