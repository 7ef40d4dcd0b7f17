using SafeKit.Core;

namespace SafeKit.Simulation;

/// <summary>
/// The kernel's part of a node: rows and a lease. It outlives the process, goes on while the process is stopped, and knows
/// the time by its own node's clock only.
/// </summary>
public sealed class SimulatedFilter(int buckets)
{
    private readonly ulong[] _mine = new ulong[buckets / 64];
    private readonly byte[] _rows = new byte[buckets];

    public long LeaseUntilNs { get; set; }

    public ReadOnlySpan<ulong> Mine => _mine;

    public ReadOnlySpan<byte> Rows => _rows;

    public void Install(ReadOnlySpan<byte> rows)
    {
        rows.CopyTo(_rows);
        for (int word = 0; word < _mine.Length; word++)
        {
            ulong bits = 0;
            ReadOnlySpan<byte> bytes = rows.Slice(word * 64, 64);
            for (int bit = 0; bit < 64; bit++)
                bits |= (ulong)(bytes[bit] & (byte)RowFlags.Mine) << bit;
            _mine[word] = bits;
        }
    }

    public void Clear()
    {
        _mine.AsSpan().Clear();
        _rows.AsSpan().Clear();
        LeaseUntilNs = 0;
    }
}
