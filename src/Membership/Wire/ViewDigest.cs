using System.Buffers.Binary;
using System.Numerics;

namespace SafeKit.Membership;

/// <summary>
/// A number for the content of a view, the same on every node that has it, however it came: whole, as a difference, or from the file of
/// a former process. Against mistakes and mixed-up parts; authenticity is the seal's business.
/// </summary>
internal static class ViewDigest
{
    private const ulong Start = 0x9E37_79B9_7F4A_7C15;
    private const ulong Multiplier = 0xD6E8_FEB8_6659_FD93;

    public static ulong Of(View view)
    {
        ulong digest = Start;
        Add(ref digest, view.Id.Counter);
        Add(ref digest, view.Id.Leader.Index);
        Add(ref digest, view.Id.LeaderIncarnation);
        foreach (ViewMember member in view.Members)
        {
            Add(ref digest, ((ulong)member.Node.Index << 1) | (member.Serving ? 1UL : 0));
            Add(ref digest, member.Incarnation);
        }

        AddOwners(ref digest, view.Table.Owners);
        AddFormers(ref digest, view.Table.Formers);
        return digest;
    }

    private static void AddOwners(ref ulong digest, ReadOnlySpan<byte> owners)
    {
        ulong sum = digest;
        for (int i = 0; i < owners.Length; i += sizeof(ulong))
            Add(ref sum, BinaryPrimitives.ReadUInt64LittleEndian(owners[i..]));
        digest = sum;
    }

    /// <summary>Most buckets have no former holder; a place that has some counts with its number.</summary>
    private static void AddFormers(ref ulong digest, ReadOnlySpan<UInt128> formers)
    {
        ulong sum = digest;
        for (int i = 0; i < formers.Length; i++)
        {
            UInt128 set = formers[i];
            if (set == UInt128.Zero)
                continue;
            Add(ref sum, (ulong)i);
            Add(ref sum, (ulong)set);
            Add(ref sum, (ulong)(set >> 64));
        }

        digest = sum;
    }

    /// <summary>For a given digest one to one in the word, so no single change of a word is lost.</summary>
    private static void Add(ref ulong digest, ulong word) => digest = BitOperations.RotateLeft((digest ^ word) * Multiplier, 29);
}
