using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>A view as bytes: its name, its members, and for each group runs of buckets with equal owner and former holder.</summary>
public static class ViewCodec
{
    /// <summary>Owner, former holder, length of the run.</summary>
    public const int RunBytes = 4;

    private const int MemberBytes = 10;

    public static byte[] Encode(View view)
    {
        int runs = CountRuns(view.Table);
        int size = ViewId.Size + 1 + (view.Members.Length * MemberBytes) + 1 + (view.Table.Groups * 2) + (runs * RunBytes);
        byte[] bytes = new byte[size];
        var writer = new WireWriter(bytes);
        view.Id.Format(ref writer);
        writer.Byte((byte)view.Members.Length);
        foreach (ViewMember member in view.Members)
        {
            writer.Byte(member.Node.Index);
            writer.UInt64(member.Incarnation);
            writer.Byte(member.Serving ? (byte)1 : (byte)0);
        }

        writer.Byte((byte)view.Table.Groups);
        for (int group = 0; group < view.Table.Groups; group++)
            EncodeGroup(view.Table, group, ref writer);
        Invariant.That(writer.Position == size, "an encoded view fills its buffer");
        return bytes;
    }

    /// <summary>Null if the bytes are not exactly one well-formed view.</summary>
    public static View? Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        ViewId id = ViewId.Parse(ref reader);
        int count = reader.Byte();
        if (reader.Failed || !id.Exists || count is 0 or > Limits.NodesMax)
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

    private static BucketTable? DecodeTable(ref WireReader reader)
    {
        int groups = reader.Byte();
        if (groups is 0 or > Limits.GroupsMax)
            return null;
        byte[] owners = new byte[groups * Limits.BucketsPerGroup];
        byte[] formers = new byte[owners.Length];
        for (int group = 0; group < groups; group++)
        {
            int runs = reader.UInt16();
            int bucket = group * Limits.BucketsPerGroup;
            int end = bucket + Limits.BucketsPerGroup;
            for (int run = 0; run < runs; run++)
            {
                byte owner = reader.Byte();
                byte former = reader.Byte();
                int length = reader.UInt16();
                if (reader.Failed || length == 0 || length > end - bucket)
                    return null;
                owners.AsSpan(bucket, length).Fill(owner);
                formers.AsSpan(bucket, length).Fill(former);
                bucket += length;
            }

            if (bucket != end)
                return null;
        }

        return new BucketTable(groups, owners, formers);
    }

    private static void EncodeGroup(BucketTable table, int group, ref WireWriter writer)
    {
        ReadOnlySpan<byte> owners = table.OwnersOf(group);
        ReadOnlySpan<byte> formers = table.FormersOf(group);
        writer.UInt16((ushort)CountRuns(owners, formers));
        for (int start = 0; start < owners.Length;)
        {
            int end = EndOfRun(owners, formers, start);
            writer.Byte(owners[start]);
            writer.Byte(formers[start]);
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

    private static int CountRuns(ReadOnlySpan<byte> owners, ReadOnlySpan<byte> formers)
    {
        int runs = 0;
        for (int start = 0; start < owners.Length; runs++)
            start = EndOfRun(owners, formers, start);
        return runs;
    }

    private static int EndOfRun(ReadOnlySpan<byte> owners, ReadOnlySpan<byte> formers, int start)
    {
        int end = start + 1;
        while (end < owners.Length && owners[end] == owners[start] && formers[end] == formers[start])
            end++;
        return end;
    }
}
