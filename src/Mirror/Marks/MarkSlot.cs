using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Marks;

/// <summary>
/// The records of one epoch, read from their two copies. Pure. A block counts if either copy is sound. Where the epoch ends, both places are empty or
/// hold a block of an older epoch, and nothing of this one follows.
/// </summary>
/// <param name="Log">Identity of the log; 0: nothing was ever written.</param>
internal sealed record MarkSlot(ulong Log, long Epoch, IReadOnlyList<MarkRecord> Records, bool IsDamaged)
{
    private static readonly MarkSlot _damaged = new(0, 0, [], true);

    public bool IsEmpty => Log == 0;

    public string? GivenUp
    {
        get
        {
            foreach (MarkRecord record in Records)
            {
                if (record.Kind == MarkKind.GiveUp)
                    return System.Text.Encoding.UTF8.GetString(record.Path);
            }

            return null;
        }
    }

    /// <param name="first">One copy, a whole number of blocks.</param>
    /// <param name="second">The other, as long.</param>
    public static MarkSlot Read(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (!TryHead(first, second, out MarkBlockHead head))
            return _damaged;
        if (head.Log == 0)
            return HasSound(first, second, 0, block => true) ? _damaged : new MarkSlot(0, 0, [], false);
        var stream = new List<byte>();
        int index = 0;
        int count = first.Length / MarkBlock.Bytes;
        for (; index < count && TryTake(first, second, head with { Index = index }, stream, out bool isDamaged); index++)
        {
            if (isDamaged)
                return _damaged;
        }

        bool goesOn = HasSound(first, second, index, block => block.Log == head.Log && block.Epoch == head.Epoch);
        return goesOn || !TryRecords(stream, out List<MarkRecord> records) ? _damaged : new MarkSlot(head.Log, head.Epoch, records, false);
    }

    /// <summary>What the first block says; log 0 where there is none. False where that cannot be told.</summary>
    private static bool TryHead(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, out MarkBlockHead head)
    {
        MarkBlock.Sight one = MarkBlock.Read(first[..MarkBlock.Bytes], out head, out _);
        MarkBlock.Sight other = MarkBlock.Read(second[..MarkBlock.Bytes], out MarkBlockHead otherHead, out _);
        if (one != MarkBlock.Sight.Sound)
            head = otherHead;
        bool isEmpty = one == MarkBlock.Sight.Empty && other == MarkBlock.Sight.Empty;
        bool agree = one != MarkBlock.Sight.Sound || other != MarkBlock.Sight.Sound || head == otherHead;
        return isEmpty || (agree && head.Log != 0 && head.Index == 0);
    }

    /// <summary>The next block of the epoch, from either copy. False at its end.</summary>
    private static bool TryTake(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, MarkBlockHead wanted, List<byte> stream, out bool isDamaged)
    {
        int offset = wanted.Index * MarkBlock.Bytes;
        MarkBlock.Sight one = MarkBlock.Read(first.Slice(offset, MarkBlock.Bytes), out MarkBlockHead head, out ReadOnlySpan<byte> payload);
        isDamaged = false;
        if (one == MarkBlock.Sight.Sound && head == wanted)
        {
            stream.AddRange(payload);
            return true;
        }

        MarkBlock.Sight other = MarkBlock.Read(second.Slice(offset, MarkBlock.Bytes), out head, out payload);
        if (other == MarkBlock.Sight.Sound && head == wanted)
        {
            stream.AddRange(payload);
            return true;
        }

        isDamaged = one == MarkBlock.Sight.Damaged || other == MarkBlock.Sight.Damaged;
        return isDamaged;
    }

    private static bool HasSound(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int fromIndex, Func<MarkBlockHead, bool> isMeant)
    {
        for (int offset = fromIndex * MarkBlock.Bytes; offset < first.Length; offset += MarkBlock.Bytes)
        {
            if (IsSound(first.Slice(offset, MarkBlock.Bytes), isMeant) || IsSound(second.Slice(offset, MarkBlock.Bytes), isMeant))
                return true;
        }

        return false;
    }

    private static bool IsSound(ReadOnlySpan<byte> block, Func<MarkBlockHead, bool> isMeant) =>
        MarkBlock.Read(block, out MarkBlockHead head, out _) == MarkBlock.Sight.Sound && isMeant(head);

    /// <summary>A record that ends too early was being written: whoever wanted it has changed nothing yet.</summary>
    private static bool TryRecords(List<byte> stream, out List<MarkRecord> records)
    {
        records = [];
        ReadOnlySpan<byte> rest = CollectionsMarshal.AsSpan(stream);
        while (MarkRecord.TryRead(rest, out MarkRecord record))
        {
            if (!Enum.IsDefined(record.Kind) || record.Kind == MarkKind.None)
                return false;
            records.Add(record);
            rest = rest[record.Bytes..];
        }

        return records.Count == 0 || records[0].Kind == MarkKind.Begin;
    }
}
