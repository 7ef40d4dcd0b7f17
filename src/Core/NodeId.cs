namespace SafeKit.Core;

/// <summary>
/// A node of the cluster by its position in <c>cluster.xml</c> (0-based). Identical on every node,
/// because every node must hold the identical cluster configuration. Lower means preferred leader.
/// </summary>
public readonly record struct NodeId(byte Index) : IComparable<NodeId>
{
    public int CompareTo(NodeId other) => Index.CompareTo(other.Index);

    public static bool operator <(NodeId left, NodeId right) => left.Index < right.Index;

    public static bool operator >(NodeId left, NodeId right) => left.Index > right.Index;

    public static bool operator <=(NodeId left, NodeId right) => left.Index <= right.Index;

    public static bool operator >=(NodeId left, NodeId right) => left.Index >= right.Index;

    public override string ToString() => $"n{Index}";
}
