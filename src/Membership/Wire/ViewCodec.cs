using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>
/// A view as bytes: its name, its members, the sets of former holders that occur, and for each group runs of buckets with equal
/// owner and set.
/// </summary>
public static class ViewCodec
{
    /// <summary>Owner, number of the set of former holders, length of the run.</summary>
    public const int RunBytes = 5;

    /// <summary>Sets of former holders that a view can name; what exceeds them counts as "every member".</summary>
    public const int SetsMax = ushort.MaxValue;

    public const int SetBytes = 16;

    /// <summary>Node, life, whether it serves.</summary>
    public const int MemberBytes = 10;

    public static byte[] Encode(View view)
    {
        int runs = CountRuns(view.Table);
        List<UInt128> sets = SetsOf(view, out Dictionary<UInt128, ushort> numbers);
        int size = ViewId.Size + 1 + (view.Members.Length * MemberBytes) + 2 + (sets.Count * SetBytes)
            + 1 + (view.Table.Groups * 2) + (runs * RunBytes);
        byte[] bytes = new byte[size];
        var writer = new WireWriter(bytes);
        view.Id.Format(ref writer);
        FormatMembers(view.Members, ref writer);
        writer.UInt16((ushort)sets.Count);
        foreach (UInt128 set in sets)
            writer.UInt128(set);
        writer.Byte((byte)view.Table.Groups);
        for (int group = 0; group < view.Table.Groups; group++)
            EncodeGroup(view.Table, group, numbers, (ushort)(sets.Count - 1), ref writer);
        Invariant.That(writer.Position == size, "an encoded view fills its buffer");
        return bytes;
    }

    /// <summary>Null if the bytes are not exactly one well-formed view.</summary>
    public static View? Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        ViewId id = ViewId.Parse(ref reader);
        if (reader.Failed || !id.Exists || ParseMembers(ref reader) is not { } members)
            return null;
        BucketTable? table = DecodeTable(ref reader);
        return table is null || !reader.Complete ? null : new View(id, members, table);
    }

    /// <summary>FNV-1a: tells encodings apart; authenticity is the seal's business.</summary>
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        ulong digest = 14695981039346656037;
        foreach (byte value in bytes)
            digest = (digest ^ value) * 1099511628211;
        return digest;
    }

    internal static void FormatMembers(ReadOnlySpan<ViewMember> members, ref WireWriter writer)
    {
        writer.Byte((byte)members.Length);
        foreach (ViewMember member in members)
        {
            writer.Byte(member.Node.Index);
            writer.UInt64(member.Incarnation);
            writer.Byte(member.Serving ? (byte)1 : (byte)0);
        }
    }

    /// <summary>Null unless they are 1 to 128 in ascending order.</summary>
    internal static ViewMember[]? ParseMembers(ref WireReader reader)
    {
        int count = reader.Byte();
        if (count is 0 or > Limits.NodesMax)
            return null;
        var members = new ViewMember[count];
        int previous = -1;
        for (int i = 0; i < count; i++)
        {
            var node = new NodeId(reader.Byte());
            members[i] = new ViewMember(node, reader.UInt64(), reader.Byte() == 1);
            if (node.Index <= previous || node.Index >= Limits.NodesMax)
                return null;
            previous = node.Index;
        }

        return reader.Failed ? null : members;
    }

    private static BucketTable? DecodeTable(ref WireReader reader)
    {
        int count = reader.UInt16();
        if (reader.Failed || count == 0 || reader.Remaining < count * SetBytes)
            return null;
        var sets = new UInt128[count];
        for (int set = 0; set < count; set++)
            sets[set] = reader.UInt128();
        int groups = reader.Byte();
        if (groups is 0 or > Limits.GroupsMax)
            return null;
        byte[] owners = new byte[groups * Limits.BucketsPerGroup];
        var formers = new UInt128[owners.Length];
        for (int group = 0; group < groups; group++)
        {
            if (!DecodeGroup(ref reader, sets, owners, formers, group * Limits.BucketsPerGroup))
                return null;
        }

        return new BucketTable(groups, owners, formers);
    }

    private static bool DecodeGroup(ref WireReader reader, UInt128[] sets, byte[] owners, UInt128[] formers, int bucket)
    {
        int runs = reader.UInt16();
        int end = bucket + Limits.BucketsPerGroup;
        for (int run = 0; run < runs; run++)
        {
            byte owner = reader.Byte();
            int set = reader.UInt16();
            int length = reader.UInt16();
            if (reader.Failed || set >= sets.Length || length == 0 || length > end - bucket)
                return false;
            owners.AsSpan(bucket, length).Fill(owner);
            formers.AsSpan(bucket, length).Fill(owner < Limits.NodesMax ? sets[set] & ~(UInt128.One << owner) : sets[set]);
            bucket += length;
        }

        return bucket == end;
    }

    /// <summary>Each set once, in the order in which it occurs; the last stands for all that find no place.</summary>
    private static List<UInt128> SetsOf(View view, out Dictionary<UInt128, ushort> numbers)
    {
        var sets = new List<UInt128>();
        numbers = [];
        foreach (UInt128 formers in view.Table.Formers)
        {
            if (sets.Count < SetsMax - 1 && numbers.TryAdd(formers, (ushort)sets.Count))
                sets.Add(formers);
        }

        if (sets.Count == SetsMax - 1)
            sets.Add(view.Mask);
        return sets;
    }

    private static void EncodeGroup(
        BucketTable table, int group, Dictionary<UInt128, ushort> numbers, ushort otherwise, ref WireWriter writer)
    {
        ReadOnlySpan<byte> owners = table.OwnersOf(group);
        ReadOnlySpan<UInt128> formers = table.FormersOf(group);
        writer.UInt16((ushort)CountRuns(owners, formers));
        for (int start = 0; start < owners.Length;)
        {
            int end = EndOfRun(owners, formers, start);
            writer.Byte(owners[start]);
            writer.UInt16(numbers.GetValueOrDefault(formers[start], otherwise));
            writer.UInt16((ushort)(end - start));
            start = end;
        }
    }

    private static int CountRuns(BucketTable table)
    {
        int runs = 0;
        for (int group = 0; group < table.Groups; group++)
            runs += CountRuns(table.OwnersOf(group), table.FormersOf(group));
        return runs;
    }

    private static int CountRuns(ReadOnlySpan<byte> owners, ReadOnlySpan<UInt128> formers)
    {
        int runs = 0;
        for (int start = 0; start < owners.Length; runs++)
            start = EndOfRun(owners, formers, start);
        return runs;
    }

    private static int EndOfRun(ReadOnlySpan<byte> owners, ReadOnlySpan<UInt128> formers, int start)
    {
        int end = start + 1;
        while (end < owners.Length && owners[end] == owners[start] && formers[end] == formers[start])
            end++;
        return end;
    }
}
