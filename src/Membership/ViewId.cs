using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>
/// The epoch of a view. The leader's name and incarnation make it unique: no two lives of leaders ever issue the same one.
/// </summary>
public readonly record struct ViewId(ulong Counter, NodeId Leader, ulong LeaderIncarnation) : IComparable<ViewId>
{
    public const int Size = 17;

    /// <summary>Counters beyond are refused on the wire, so that adding one never overflows.</summary>
    public const ulong CounterMax = 1UL << 60;

    /// <summary>No view: lower than every view.</summary>
    public static ViewId None => default;

    public bool Exists => Counter != 0;

    public static bool operator <(ViewId left, ViewId right) => left.CompareTo(right) < 0;

    public static bool operator >(ViewId left, ViewId right) => left.CompareTo(right) > 0;

    public static bool operator <=(ViewId left, ViewId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ViewId left, ViewId right) => left.CompareTo(right) >= 0;

    public int CompareTo(ViewId other)
    {
        int byCounter = Counter.CompareTo(other.Counter);
        if (byCounter != 0)
            return byCounter;
        int byLeader = Leader.CompareTo(other.Leader);
        return byLeader != 0 ? byLeader : LeaderIncarnation.CompareTo(other.LeaderIncarnation);
    }

    public override string ToString() => Exists ? $"{Counter}.{Leader}" : "none";

    internal static ViewId Parse(ref WireReader reader) => new(reader.UInt64(), new NodeId(reader.Byte()), reader.UInt64());

    internal void Format(ref WireWriter writer)
    {
        writer.UInt64(Counter);
        writer.Byte(Leader.Index);
        writer.UInt64(LeaderIncarnation);
    }
}
