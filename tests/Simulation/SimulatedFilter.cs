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

    /// <summary>Connections whose packets are held back under the rows in force, and whether nobody has them.</summary>
    private readonly Dictionary<SimulatedConnection, bool> _held = [];

    /// <summary>Grows with every switch of rows: what was found out about connections before counts no more.</summary>
    public uint Generation { get; private set; }

    public long LeaseUntilNs { get; set; }

    public ReadOnlySpan<ulong> Mine => _mine;

    public ReadOnlySpan<byte> Rows => _rows;

    public void Install(ReadOnlySpan<byte> rows)
    {
        Generation++;
        _held.Clear();
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

    /// <summary>Whether a packet of a connection without a socket here is answered with a reset; if not yet, it is noted for user space.</summary>
    public bool Resets(SimulatedConnection connection)
    {
        if (_rows[connection.Bucket] != (byte)(RowFlags.Mine | RowFlags.HoldResets))
            return _rows[connection.Bucket] == (byte)RowFlags.Mine;
        _held.TryAdd(connection, false);
        return _held[connection];
    }

    /// <summary>As <see cref="Resets"/>, but only looked at.</summary>
    public bool WouldReset(SimulatedConnection connection) => _rows[connection.Bucket] == (byte)RowFlags.Mine
        || (_rows[connection.Bucket] == (byte)(RowFlags.Mine | RowFlags.HoldResets) && _held.GetValueOrDefault(connection));

    public SimulatedConnection[] ReadHeld() => [.. _held.Where(held => !held.Value).Select(held => held.Key)];

    public void MarkOrphan(SimulatedConnection connection, uint generation)
    {
        if (generation == Generation)
            _held[connection] = true;
    }

    public void Clear()
    {
        Generation++;
        _held.Clear();
        _mine.AsSpan().Clear();
        _rows.AsSpan().Clear();
        LeaseUntilNs = 0;
    }
}
