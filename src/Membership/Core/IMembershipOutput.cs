using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>What the core wants done, in the order of the calls. The shell carries each out before it returns.</summary>
public interface IMembershipOutput
{
    /// <summary>Make these rows (groups x buckets of <see cref="RowFlags"/>) the filter's; they replace all previous ones.</summary>
    void InstallRows(ReadOnlySpan<byte> rows);

    /// <summary>
    /// The nodes by whose table the rows that follow were made: whom a node sends packets on to in vmac_directed. Rows that are
    /// installed without it keep the former table.
    /// </summary>
    void InstallTable(BucketTable table)
    {
    }

    /// <summary>
    /// The instant of the local monotonic clock until which the filter may take packets. Ordered with
    /// <see cref="InstallRows"/>: a shorter lease comes before the rows that need it.
    /// </summary>
    void SetLease(long untilNs);

    /// <summary>
    /// What the next process must find. Written down before anything is sent that rests on it; <see cref="MembershipMemory.Rows"/>
    /// is valid only during the call.
    /// </summary>
    void Remember(MembershipMemory memory);

    void Send(NodeId to, ReadOnlySpan<byte> frame);

    void Decide(in MembershipDecision decision);
}
