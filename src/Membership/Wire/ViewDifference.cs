using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>
/// A view as what changes in another one, its base: the base's name and digest, the digest of the result, the members, the sets of
/// former holders that occur, and for each group runs of buckets that become equal. Each group is compared with the same group of the
/// base or with the group before it in the result, whichever changes less: groups with the same powers often have the same table.
/// </summary>
internal static class ViewDifference
{
    /// <summary>Name and digest of the base, digest of the result, name and number of members.</summary>
    private const int FixedBytes = ViewId.Size + 8 + 8 + ViewId.Size + 1 + 2 + 1;

    private const int GroupBytesMax = 1 + 3;

    /// <summary>Buckets left as they are, buckets of the run, owner, number of the set.</summary>
    private const int RunBytesMax = 2 + 2 + 1 + 3;

    /// <summary>How a group says what it is compared with; values are part of the wire.</summary>
    private enum Model : byte
    {
        Base = 0,
        GroupBefore = 1,
    }

    /// <summary>Null if the two have not the same groups, or too many sets of former holders occur.</summary>
    public static byte[]? Encode(View from, View to)
    {
        if (from.Table.Groups != to.Table.Groups)
            return null;
        int groups = to.Table.Groups;
        var models = new Model[groups];
        int runs = 0;
        for (int group = 0; group < groups; group++)
            runs += Choose(from.Table, to.Table, group, out models[group]);
        Dictionary<UInt128, ushort>? sets = SetsOf(from.Table, to.Table, models);
        if (sets is null)
            return null;
        byte[] bytes = new byte[FixedBytes + (to.Members.Length * ViewCodec.MemberBytes) + (sets.Count * ViewCodec.SetBytes)
            + (groups * GroupBytesMax) + (runs * RunBytesMax)];
        var writer = new WireWriter(bytes);
        from.Id.Format(ref writer);
        writer.UInt64(from.Digest);
        writer.UInt64(to.Digest);
        to.Id.Format(ref writer);
        ViewCodec.FormatMembers(to.Members, ref writer);
        writer.UInt16((ushort)sets.Count);
        foreach (UInt128 set in sets.Keys)
            writer.UInt128(set);
        writer.Byte((byte)groups);
        for (int group = 0; group < groups; group++)
            FormatGroup(from.Table, to.Table, group, models[group], sets, ref writer);
        return bytes[..writer.Position];
    }

    /// <summary>The base that a difference names, or None if it is too short to name one.</summary>
    public static ViewId BaseOf(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        ViewId id = ViewId.Parse(ref reader);
        return reader.Failed ? ViewId.None : id;
    }

    /// <summary>
    /// The view that the difference makes of its base; null, and why, if it is another base, malformed, or the result is not as meant.
    /// </summary>
    public static View? Apply(ReadOnlySpan<byte> bytes, View from, out string refusal) => Apply(bytes, from, isChecked: true, out refusal);

    /// <param name="isChecked">False is a mistake that the tests plant: bytes that fit are applied to whatever base is given.</param>
    internal static View? Apply(ReadOnlySpan<byte> bytes, View from, bool isChecked, out string refusal)
    {
        var reader = new WireReader(bytes);
        ViewId baseId = ViewId.Parse(ref reader);
        ulong baseDigest = reader.UInt64();
        ulong digest = reader.UInt64();
        ViewId id = ViewId.Parse(ref reader);
        if (isChecked && (reader.Failed || baseId != from.Id || baseDigest != from.Digest))
        {
            refusal = $"base {baseId} {baseDigest:x16} is held as {from.Id} {from.Digest:x16}";
            return null;
        }

        ViewMember[]? members = id.Exists ? ViewCodec.ParseMembers(ref reader) : null;
        BucketTable? table = members is null ? null : ParseTable(ref reader, from.Table);
        if (members is null || table is null || !reader.Complete)
        {
            refusal = "it is malformed";
            return null;
        }

        var view = new View(id, members, table);
        bool meant = !isChecked || view.Digest == digest;
        refusal = meant ? "" : $"the result's digest is {view.Digest:x16} instead of {digest:x16}";
        return meant ? view : null;
    }

    /// <summary>The number of runs with the better model.</summary>
    private static int Choose(BucketTable from, BucketTable to, int group, out Model model)
    {
        model = Model.Base;
        int runs = CountRuns(from, group, to, group);
        if (runs == 0 || group == 0)
            return runs;
        int beside = CountRuns(to, group - 1, to, group);
        if (beside >= runs)
            return runs;
        model = Model.GroupBefore;
        return beside;
    }

    private static int CountRuns(BucketTable from, int fromGroup, BucketTable to, int toGroup)
    {
        if (from.OwnersOf(fromGroup).SequenceEqual(to.OwnersOf(toGroup)) && Same(from.FormersOf(fromGroup), to.FormersOf(toGroup)))
            return 0;
        int runs = 0;
        var search = new RunSearch(from, fromGroup, to, toGroup);
        while (search.Next())
            runs++;
        return runs;
    }

    private static bool Same(ReadOnlySpan<UInt128> left, ReadOnlySpan<UInt128> right) =>
        MemoryMarshal.AsBytes(left).SequenceEqual(MemoryMarshal.AsBytes(right));

    private static RunSearch Search(BucketTable from, BucketTable to, int group, Model model) =>
        model == Model.Base ? new RunSearch(from, group, to, group) : new RunSearch(to, group - 1, to, group);

    /// <summary>The sets of the runs with their numbers, in the order in which they occur; null if they are too many.</summary>
    private static Dictionary<UInt128, ushort>? SetsOf(BucketTable from, BucketTable to, Model[] models)
    {
        Dictionary<UInt128, ushort> sets = [];
        for (int group = 0; group < models.Length; group++)
        {
            RunSearch search = Search(from, to, group, models[group]);
            while (search.Next())
            {
                if (sets.TryAdd(search.Formers, (ushort)sets.Count) && sets.Count > ViewCodec.SetsMax)
                    return null;
            }
        }

        return sets;
    }

    private static void FormatGroup(
        BucketTable from, BucketTable to, int group, Model model, Dictionary<UInt128, ushort> sets, ref WireWriter writer)
    {
        writer.Byte((byte)model);
        RunSearch search = Search(from, to, group, model);
        int runs = 0;
        while (search.Next())
            runs++;
        writer.Varint((uint)runs);
        search = Search(from, to, group, model);
        while (search.Next())
        {
            writer.Varint((uint)search.Skipped);
            writer.Varint((uint)search.Length);
            writer.Byte(search.Owner);
            writer.Varint(sets[search.Formers]);
        }
    }

    private static BucketTable? ParseTable(ref WireReader reader, BucketTable from)
    {
        int count = reader.UInt16();
        if (reader.Failed || reader.Remaining < count * ViewCodec.SetBytes)
            return null;
        var sets = new UInt128[count];
        for (int set = 0; set < count; set++)
            sets[set] = reader.UInt128();
        if (reader.Byte() != from.Groups)
            return null;
        byte[] owners = from.Owners.ToArray();
        UInt128[] formers = from.Formers.ToArray();
        for (int group = 0; group < from.Groups; group++)
        {
            if (!ParseGroup(ref reader, sets, owners, formers, group))
                return null;
        }

        return new BucketTable(from.Groups, owners, formers);
    }

    private static bool ParseGroup(ref WireReader reader, UInt128[] sets, byte[] owners, UInt128[] formers, int group)
    {
        byte model = reader.Byte();
        uint runs = reader.Varint();
        if (reader.Failed || model > (byte)(group == 0 ? Model.Base : Model.GroupBefore) || runs > Limits.BucketsPerGroup)
            return false;
        int bucket = group * Limits.BucketsPerGroup;
        int end = bucket + Limits.BucketsPerGroup;
        if (model == (byte)Model.GroupBefore)
        {
            owners.AsSpan(bucket - Limits.BucketsPerGroup, Limits.BucketsPerGroup).CopyTo(owners.AsSpan(bucket));
            formers.AsSpan(bucket - Limits.BucketsPerGroup, Limits.BucketsPerGroup).CopyTo(formers.AsSpan(bucket));
        }

        for (uint run = 0; run < runs; run++)
        {
            uint skipped = reader.Varint();
            uint length = reader.Varint();
            byte owner = reader.Byte();
            uint set = reader.Varint();
            if (reader.Failed || set >= sets.Length || skipped > end - bucket || length == 0 || length > end - bucket - skipped)
                return false;
            bucket += (int)skipped;
            owners.AsSpan(bucket, (int)length).Fill(owner);
            formers.AsSpan(bucket, (int)length).Fill(owner < Limits.NodesMax ? sets[set] & ~(UInt128.One << owner) : sets[set]);
            bucket += (int)length;
        }

        return true;
    }
}
