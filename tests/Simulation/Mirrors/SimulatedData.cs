using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Simulation.Mirrors;

/// <summary>
/// What survives a crash of a node: its record, and of its data what was synced. The data of a module is modelled as the list of the writes that made it.
/// </summary>
internal sealed class SimulatedData
{
    public GenerationRecord Record { get; private set; } = GenerationRecord.Empty;

    public const int CellCount = 256;

    public List<long> Writes { get; private set; } = [];

    /// <summary>What each write overwrites in place, beside making the list longer: which of it a disk has is no matter of order.</summary>
    public long[] Cells { get; private set; } = new long[CellCount];

    /// <summary>Of them on the disk.</summary>
    private long[] _syncedCells = new long[CellCount];

    /// <summary>The marks of a primary on its disk; null: none.</summary>
    public SimulatedLog? Log { get; set; }

    private const double DamageChance = 0.1;

    /// <summary>So many of the writes are on the disk.</summary>
    public int Synced { get; set; }

    /// <summary>The journal of a primary that stopped in good order; null: none.</summary>
    public JournalMarker? Marker { get; set; }

    /// <summary>The last checkpoint that a secondary has written down; its sequence counts the writes.</summary>
    public Checkpoint Checkpoint { get; set; }

    /// <summary>While true no record can be written.</summary>
    public bool RefusesRecords { get; set; }

    /// <summary>False where the disk refuses: the record is the old one.</summary>
    public bool TryWrite(GenerationRecord record)
    {
        if (RefusesRecords)
            return false;
        Record = record;
        return true;
    }

    public static int CellOf(long write) => (int)(write % CellCount);

    public void Append(long write)
    {
        Writes.Add(write);
        Cells[CellOf(write)] = write;
    }

    /// <summary>One write is on the disk, and what made the list as long before it.</summary>
    public void Sync(long write, int count)
    {
        Synced = Math.Max(Synced, Math.Min(count, Writes.Count));
        _syncedCells[CellOf(write)] = Cells[CellOf(write)];
    }

    public void Replace(IEnumerable<long> writes)
    {
        Writes = [.. writes];
        Synced = 0;
    }

    /// <summary>Writes from this one on become others: of those before what was on the disk is there still.</summary>
    public void Amend(int first, IEnumerable<long> writes)
    {
        int synced = Math.Min(Synced, first);
        Replace(writes);
        Synced = synced;
    }

    public void SyncAll()
    {
        Synced = Writes.Count;
        _syncedCells = [.. Cells];
    }

    /// <summary>The machine loses its power: of what was not synced any part may be gone.</summary>
    public void LosePower(SimulationRandom random)
    {
        int kept = random.Range(Math.Min(Synced, Writes.Count), Writes.Count + 1);
        Writes.RemoveRange(kept, Writes.Count - kept);
        Synced = Writes.Count;
        for (int i = 0; i < CellCount; i++)
            Cells[i] = random.Chance(0.5) ? Cells[i] : _syncedCells[i];
        _syncedCells = [.. Cells];
        if (Log is { } log && random.Chance(DamageChance))
            log.IsDamaged = true;
    }

    /// <param name="Start">Count of writes with which the epoch began.</param>
    /// <param name="Count">Count of writes when it was closed.</param>
    internal sealed record JournalMarker(Guid Chapter, ulong Epoch, int Start, ulong BaseEpoch, ulong BaseSequence, int Count);
}
