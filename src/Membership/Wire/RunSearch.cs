using System.Runtime.InteropServices;

namespace SafeKit.Membership;

/// <summary>Finds, one after another, the runs of buckets of a group that are equal among themselves and differ from another group.</summary>
internal ref struct RunSearch(BucketTable from, int fromGroup, BucketTable to, int toGroup)
{
    private readonly ReadOnlySpan<byte> _oldOwners = from.OwnersOf(fromGroup);
    private readonly ReadOnlySpan<UInt128> _oldFormers = from.FormersOf(fromGroup);
    private readonly ReadOnlySpan<byte> _owners = to.OwnersOf(toGroup);
    private readonly ReadOnlySpan<UInt128> _formers = to.FormersOf(toGroup);
    private int _start;
    private int _end;

    /// <summary>Buckets between the run before and this one.</summary>
    public int Skipped { get; private set; }

    public readonly int Length => _end - _start;

    public readonly byte Owner => _owners[_start];

    public readonly UInt128 Formers => _formers[_start];

    /// <summary>False if there is no further run.</summary>
    public bool Next()
    {
        Skipped = KeptFrom(_end);
        _start = _end + Skipped;
        if (_start == _owners.Length)
            return false;
        int end = _start + 1;
        while (end < _owners.Length && _owners[end] == Owner && _formers[end] == Formers && !IsKept(end))
            end++;
        _end = end;
        return true;
    }

    /// <summary>Most buckets are kept: they are passed many at a time.</summary>
    private readonly int KeptFrom(int bucket)
    {
        int owners = _owners[bucket..].CommonPrefixLength(_oldOwners[bucket..]);
        ReadOnlySpan<byte> formers = MemoryMarshal.AsBytes(_formers.Slice(bucket, owners));
        return formers.CommonPrefixLength(MemoryMarshal.AsBytes(_oldFormers.Slice(bucket, owners))) / ViewCodec.SetBytes;
    }

    private readonly bool IsKept(int bucket) => _owners[bucket] == _oldOwners[bucket] && _formers[bucket] == _oldFormers[bucket];
}
