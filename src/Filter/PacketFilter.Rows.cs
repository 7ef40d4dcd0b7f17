using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Filter.Layout;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>Switching the rows of a module.</summary>
public sealed partial class PacketFilter
{
    /// <summary>
    /// A packet is decided within a microsecond, so the version that was replaced longer ago than this has no reader left,
    /// whatever the scheduler does.
    /// </summary>
    private const long ReadersGoneNs = 200 * MonotonicClock.NanosecondsPerMillisecond;

    private readonly long[] _replacedNs = NeverReplaced();
    private long _planSwitchedNs = long.MinValue / 2;

    /// <summary>
    /// Switches the rows of all groups of a slot in one instant. <paramref name="rows"/>: 4096 bytes
    /// (<see cref="RowFlags"/>) per group of the slot, in the order of the groups' numbers in the plan. For directed addresses
    /// <paramref name="holders"/> names, per group, the owners of all buckets and then as often their former owners
    /// (<see cref="Limits.RouteHolders"/> in all), 0xff for none.
    /// Allocates nothing, and does not wait for <see cref="Apply"/>, <see cref="Status"/> or <see cref="Trace"/>.
    /// There are four versions: only a fourth switch within 200 ms has to wait for the kernel's readers of the version to be
    /// overwritten (some milliseconds).
    /// </summary>
    public void InstallRows(int slot, ReadOnlySpan<byte> rows, ReadOnlySpan<byte> holders = default)
    {
        lock (_rowsGate)
        {
            ThrowIfClosed();
            int[] places = _stores.BySlot[slot];
            Invariant.That(rows.Length == places.Length * Limits.BucketsPerGroup, "4096 rows for each group of the slot");
            ref SlotEntry entry = ref _loaded.Control[0].Slots[slot];
            uint last = entry.Active % SharedLimits.VersionsPerGroup;
            uint next = (last + 1) % SharedLimits.VersionsPerGroup;
            AwaitReaders(ReplacedNs(slot, next));
            for (int i = 0; i < places.Length; i++)
            {
                int place = (places[i] * SharedLimits.VersionsPerGroup) + (int)next;
                Span<byte> version = _loaded.Rows[place];
                rows.Slice(i * Limits.BucketsPerGroup, Limits.BucketsPerGroup).CopyTo(version);
                Span<byte> routes = _loaded.Routes[place];
                if (holders.IsEmpty)
                    routes.Fill(SharedLimits.NoNode);
                else
                    holders.Slice(i * routes.Length, routes.Length).CopyTo(routes);
            }
            Volatile.Write(ref entry.Generation, entry.Generation + 1);
            Volatile.Write(ref entry.Active, next);
            ReplacedNs(slot, last) = MonotonicClock.NowNs;
        }
    }

    private static long[] NeverReplaced()
    {
        long[] instants = new long[SharedLimits.SlotsMax * SharedLimits.VersionsPerGroup];
        instants.AsSpan().Fill(long.MinValue / 2);
        return instants;
    }

    /// <summary>When a version of a slot's rows ceased to be in force.</summary>
    private ref long ReplacedNs(int slot, uint version) =>
        ref _replacedNs[(slot * SharedLimits.VersionsPerGroup) + (int)version];

    /// <summary>Nothing in the kernel still reads a version that was replaced then, once this returns.</summary>
    private static void AwaitReaders(long replacedNs)
    {
        if (MonotonicClock.NowNs - replacedNs > ReadersGoneNs)
            return;
        // MEMBARRIER_CMD_GLOBAL waits for an RCU grace period, and every run of the filter is within one.
        long number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64
            ? LibC.SYS_membarrier_arm64
            : LibC.SYS_membarrier_x64;
        LibC.syscall(number, LibC.MEMBARRIER_CMD_GLOBAL, 0, 0);
    }
}
