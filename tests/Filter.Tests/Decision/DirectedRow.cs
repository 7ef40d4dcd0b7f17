using SafeKit.Core;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>One row of the table of directed packets: what node 2 of 0 to 4 does with a frame.</summary>
/// <param name="Name">Description.</param>
/// <param name="Frame">The packet.</param>
/// <param name="Expected">Reason; the verdict follows from it.</param>
/// <param name="Rows">Flags of every bucket.</param>
/// <param name="Holders">Owner and former owners of every bucket.</param>
/// <param name="Next">Whom it is sent on to.</param>
/// <param name="LeaseMs">From now; negative: ended.</param>
/// <param name="Before">Packets that came before.</param>
internal sealed record DirectedRow(
    string Name,
    byte[] Frame,
    FilterReason Expected,
    RowFlags Rows,
    int[] Holders,
    int? Next = null,
    long LeaseMs = 3_600_000,
    params byte[][] Before);
