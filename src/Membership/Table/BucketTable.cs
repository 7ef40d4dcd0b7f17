using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>
/// Who owns each bucket of each group, and which other members owned it before and may still hold connections of it.
/// Never changed once made.
/// </summary>
public sealed class BucketTable
{
    /// <summary>No node: a bucket that nobody owns.</summary>
    public const byte Nobody = 0xFF;

    private static readonly BucketTable?[] _empty = new BucketTable?[Limits.GroupsMax + 1];

    private readonly byte[] _owners;
    private readonly UInt128[] _formers;

    internal BucketTable(int groups, byte[] owners, UInt128[] formers)
    {
        Invariant.That(owners.Length == groups * Limits.BucketsPerGroup, "a table has an owner for every bucket");
        Invariant.That(formers.Length == owners.Length, "a table has former holders for every bucket");
        Groups = groups;
        _owners = owners;
        _formers = formers;
    }

    public int Groups { get; }

    /// <summary>All groups, one after another.</summary>
    public ReadOnlySpan<byte> Owners => _owners;

    /// <summary>For each bucket one bit for each former holder; never its owner's.</summary>
    public ReadOnlySpan<UInt128> Formers => _formers;

    public ReadOnlySpan<byte> OwnersOf(int group) =>
        _owners.AsSpan(group * Limits.BucketsPerGroup, Limits.BucketsPerGroup);

    public ReadOnlySpan<UInt128> FormersOf(int group) =>
        _formers.AsSpan(group * Limits.BucketsPerGroup, Limits.BucketsPerGroup);

    public int CountOf(int group, NodeId node) => OwnersOf(group).Count(node.Index);

    /// <summary>Nobody owns anything; one for each number of groups, since it never changes.</summary>
    public static BucketTable Empty(int groups) => _empty[groups] ??= MakeEmpty(groups);

    private static BucketTable MakeEmpty(int groups)
    {
        byte[] owners = new byte[groups * Limits.BucketsPerGroup];
        owners.AsSpan().Fill(Nobody);
        return new BucketTable(groups, owners, new UInt128[owners.Length]);
    }
}
