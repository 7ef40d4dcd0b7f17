namespace SafeKit.Core;

/// <summary>
/// What this node does with the packets of one bucket: one byte of the filter's table
/// (the same bits as <c>ROW_*</c> in <c>ebpf/filter_structs.h</c>).
/// </summary>
[Flags]
public enum RowFlags : byte
{
    /// <summary>Another node owns the bucket and this node has nothing to do with it: drop.</summary>
    None = 0,

    /// <summary>This node owns the bucket: take, while the lease lasts.</summary>
    Mine = 1,

    /// <summary>
    /// This node owned the bucket before and may still hold established connections of it: take a TCP
    /// packet that opens no connection if the kernel has a socket for it.
    /// </summary>
    MayHoldConnections = 2,

    /// <summary>
    /// Only with <see cref="Mine"/>: a living former owner may hold connections of this bucket, so a TCP packet
    /// that opens no connection and finds no socket here is dropped instead of being answered by a reset.
    /// </summary>
    HoldResets = 4,
}
