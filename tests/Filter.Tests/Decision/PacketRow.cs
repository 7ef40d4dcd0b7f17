using SafeKit.Core;

namespace SafeKit.Filter.Tests.Decision;

/// <summary>One row of the packet table: what, in which state, becomes what and why.</summary>
/// <param name="Name">Description.</param>
/// <param name="Frame">The packet.</param>
/// <param name="Expected">Reason; the verdict follows from it.</param>
/// <param name="Rows">Flags of every bucket.</param>
/// <param name="LeaseMs">From now; negative: ended; 0: closed.</param>
/// <param name="Before">Packets that came before.</param>
internal sealed record PacketRow(
    string Name,
    byte[] Frame,
    FilterReason Expected,
    RowFlags Rows = RowFlags.Mine,
    long LeaseMs = 3_600_000,
    params byte[][] Before);
