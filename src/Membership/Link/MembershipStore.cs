using System.IO.MemoryMappedFiles;
using System.Text;
using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// What the next daemon finds of this one: a small file, mapped into memory, so that writing is a store that survives the process however
/// it ends, and costs no system call on the membership's thread. It is meant for a file system in memory: a life of the node does not
/// outlast the machine's, and a record of another life of the machine is not used. Two records are written in turn, each with its
/// checksum; one that was cut short leaves the one before it. Owns the mapping. One thread after the opening.
/// </summary>
public sealed unsafe class MembershipStore : IDisposable
{
    private const ulong Magic = 0x3230_4d46_4b53; // "SKFM02": the version of the layout is part of it
    private const int LeaseOffset = 8;
    private const int IncarnationOffset = 16;
    private const int ContextOffset = 24;
    private const int SendersOffset = 64;
    private const int RecordsOffset = SendersOffset + (Limits.NodesMax * 16);
    private const int RecordHeaderBytes = 24;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _accessor;
    private readonly byte* _start;
    private readonly int _recordBytes;
    private readonly ulong _context;
    private ulong _sequence;

    private MembershipStore(string path, string machineLife, MembershipSettings settings)
    {
        int groups = settings.Groups.Count;
        // Rows, what may be held, and two views in which every bucket is a run of its own and has a set of former holders of its own.
        int buckets = groups * Limits.BucketsPerGroup;
        int viewBytes = 4096 + (buckets * ViewCodec.RunBytes) + (groups * 2) + (Math.Min(buckets, ViewCodec.SetsMax) * ViewCodec.SetBytes);
        _recordBytes = RecordHeaderBytes + 4096 + buckets + (buckets / 8) + (2 * viewBytes);
        _recordBytes = (_recordBytes + 7) & ~7;
        _context = ViewCodec.Digest(Encoding.UTF8.GetBytes(machineLife)) ^ settings.ConfigurationSignature;
        int bytes = RecordsOffset + (2 * _recordBytes);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Allocate(path, bytes);
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, bytes);
        _accessor = _file.CreateViewAccessor(0, bytes);
        _accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        (Former, Refusal) = Read(groups, MonotonicClock.NowNs);
        NewestIncarnation = Word(0) == Magic ? Word(IncarnationOffset) : 0;
    }

    /// <summary>A life that can be resumed; null if there is none, and then <see cref="Refusal"/> says why.</summary>
    public MembershipMemory? Former { get; }

    public string Refusal { get; }

    /// <summary>The end of the lease that the predecessor set last.</summary>
    public long LeaseUntilNs => (long)Word(LeaseOffset);

    /// <summary>Of whatever life was written here; a new one must be greater.</summary>
    public ulong NewestIncarnation { get; }

    /// <param name="machineLife">Identifies the time from one start of the machine to the next.</param>
    /// <exception cref="SafeKitException">
    /// The file cannot be used. Then this node must not act: a record that it cannot replace might be taken for its own by the next process.
    /// </exception>
    public static MembershipStore Open(string path, string machineLife, MembershipSettings settings)
    {
        try
        {
            return new MembershipStore(path, machineLife, settings);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SafeKitException($"what the next daemon must know cannot be kept in {path}: {e.Message}; is there room there?", e);
        }
    }

    public void Save(MembershipMemory memory)
    {
        byte[] bytes = memory.Encode();
        Invariant.That(bytes.Length <= _recordBytes - RecordHeaderBytes, "a record has room for every view");
        _sequence++;
        byte* record = Record(_sequence);
        Volatile.Write(ref *(ulong*)record, 0);
        *(ulong*)(record + 8) = (ulong)bytes.Length;
        bytes.CopyTo(new Span<byte>(record + RecordHeaderBytes, bytes.Length));
        *(ulong*)(record + 16) = DigestOf(_sequence, bytes);
        Volatile.Write(ref *(ulong*)record, _sequence);
        Word(IncarnationOffset) = memory.Incarnation;
        Word(ContextOffset) = _context;
        Volatile.Write(ref Word(0), Magic);
    }

    public void SetLease(long untilNs) => Volatile.Write(ref Word(LeaseOffset), (ulong)untilNs);

    /// <summary>The newest frame let in of a sender's life: it and those before it are not let in again.</summary>
    public void Heard(NodeId sender, ulong incarnation, ulong counter)
    {
        ref ulong life = ref Word(SendersOffset + (sender.Index * 16));
        ref ulong newest = ref Word(SendersOffset + (sender.Index * 16) + 8);
        if (life != incarnation)
            (newest, life) = (0, incarnation);
        newest = Math.Max(newest, counter);
    }

    public (ulong Incarnation, ulong Counter) HeardOf(NodeId sender) =>
        (Word(SendersOffset + (sender.Index * 16)), Word(SendersOffset + (sender.Index * 16) + 8));

    /// <summary>This life has ended in good order: nothing of it is to be resumed.</summary>
    public void Forget()
    {
        Volatile.Write(ref *(ulong*)Record(0), 0);
        Volatile.Write(ref *(ulong*)Record(1), 0);
        SetLease(0);
    }

    public void Dispose()
    {
        _accessor.SafeMemoryMappedViewHandle.ReleasePointer();
        _accessor.Dispose();
        _file.Dispose();
    }

    /// <summary>Every page of the file is there before it is mapped: a store to a page that finds no room would end the process.</summary>
    private static void Allocate(string path, int bytes)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (file.Length == bytes)
            return;
        file.SetLength(0);
        file.Write(new byte[bytes]);
    }

    private static ulong DigestOf(ulong sequence, ReadOnlySpan<byte> bytes) => ViewCodec.Digest(bytes) ^ (sequence * 0x9E37_79B9_7F4A_7C15);

    private (MembershipMemory? Memory, string Refusal) Read(int groups, long nowNs)
    {
        if (Word(0) != Magic)
            return (null, Word(0) == 0 ? "no former life is remembered" : "it was written by another version");
        if (Word(ContextOffset) != _context)
            return (null, "it is of another start of the machine, or of another configuration");
        MembershipMemory? newest = null;
        for (ulong turn = 0; turn < 2; turn++)
        {
            byte* record = Record(turn);
            ulong sequence = *(ulong*)record;
            ulong length = *(ulong*)(record + 8);
            if (sequence == 0 || sequence <= _sequence || length > (ulong)(_recordBytes - RecordHeaderBytes))
                continue;
            var bytes = new ReadOnlySpan<byte>(record + RecordHeaderBytes, (int)length);
            if (*(ulong*)(record + 16) != DigestOf(sequence, bytes) || MembershipMemory.Decode(bytes, groups) is not { } memory)
                continue;
            (newest, _sequence) = (memory, sequence);
        }

        if (newest is null)
            return (null, "the former life ended in good order, or its record is damaged");
        double overMs = MonotonicClock.ToMs(nowNs - LeaseUntilNs);
        return overMs >= 0 ? (null, $"its lease ended {overMs:F0} ms ago: the others may have taken over") : (newest, "");
    }

    private byte* Record(ulong sequence) => _start + RecordsOffset + ((long)(sequence % 2) * _recordBytes);

    private ref ulong Word(int offset) => ref *(ulong*)(_start + offset);
}
