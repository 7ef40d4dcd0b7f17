using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>The members agreed on under an epoch, and the table they share. Never changed once made.</summary>
public sealed class View
{
    private readonly ViewMember[] _members;
    private byte[]? _encoded;
    private ulong? _digest;

    public View(ViewId id, ReadOnlySpan<ViewMember> members, BucketTable table)
    {
        Id = id;
        _members = members.ToArray();
        Table = table;
        foreach (ViewMember member in _members)
            Mask |= UInt128.One << member.Node.Index;
    }

    public ViewId Id { get; }

    public NodeId Leader => Id.Leader;

    /// <summary>In ascending order of nodes.</summary>
    public ReadOnlySpan<ViewMember> Members => _members;

    public BucketTable Table { get; }

    /// <summary>One bit for each member.</summary>
    internal UInt128 Mask { get; }

    /// <summary>The whole view as <see cref="ViewCodec"/> writes it; made when first asked for. One thread.</summary>
    internal byte[] Encoded => _encoded ??= ViewCodec.Encode(this);

    /// <summary>See <see cref="ViewDigest"/>; computed when first asked for. One thread.</summary>
    internal ulong Digest => _digest ??= ViewDigest.Of(this);

    /// <summary>The base for who holds no view: nobody owns anything.</summary>
    internal static View Nothing(int groups) => new(ViewId.None, [], BucketTable.Empty(groups));

    public bool Contains(NodeId node) => (Mask >> node.Index & UInt128.One) != UInt128.Zero;

    public bool Contains(NodeId node, ulong incarnation)
    {
        foreach (ViewMember member in _members)
        {
            if (member.Node == node)
                return member.Incarnation == incarnation;
        }

        return false;
    }

    public override string ToString() =>
        $"{Id} [{string.Join(' ', _members.Select(m => m.Serving ? m.Node.ToString() : $"{m.Node}(off)"))}]";
}
