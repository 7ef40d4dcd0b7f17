using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>The newest <see cref="BucketReport"/>s of one peer.</summary>
internal sealed class PeerReports
{
    /// <summary>A peer that has not reported for so long may have busy buckets.</summary>
    private const long FreshNs = 5_000 * MonotonicClock.NanosecondsPerMillisecond;

    private byte[] _busy = [];
    private ulong[] _sequences = [];
    private long[] _heardNs = [];

    /// <summary>False for a report that a newer one has overtaken.</summary>
    public bool Heed(in BucketReport report, int groups, long nowNs)
    {
        if (_sequences.Length != groups)
        {
            _busy = new byte[groups * BucketReport.BitsBytes];
            _sequences = new ulong[groups];
            _heardNs = new long[groups];
        }

        if (report.Sequence <= _sequences[report.Group])
            return false;
        _sequences[report.Group] = report.Sequence;
        _heardNs[report.Group] = nowNs;
        report.Busy.CopyTo(_busy.AsSpan(report.Group * BucketReport.BitsBytes));
        return true;
    }

    /// <summary>Whether a bucket (numbered through all groups) has activity, as far as is known.</summary>
    public bool IsBusy(int bucket, long nowNs)
    {
        int group = bucket / Limits.BucketsPerGroup;
        if (group >= _sequences.Length || _sequences[group] == 0 || nowNs - _heardNs[group] > FreshNs)
            return true;
        return (_busy[bucket >> 3] >> (bucket & 7) & 1) != 0;
    }

    public void Forget() => _sequences.AsSpan().Clear();
}
