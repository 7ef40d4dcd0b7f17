using SafeKit.Core;
using SafeKit.Filter.Layout;

namespace SafeKit.Filter;

/// <summary>What the filter has noted of connections and clients.</summary>
public sealed partial class PacketFilter
{
    /// <summary>
    /// Connections of a slot whose packets are held back, under the rows in force or earlier ones, and of which it has not been found out that nobody
    /// has them; with the number of the rows in force for <see cref="MarkOrphan"/>.
    /// </summary>
    public IReadOnlyList<HeldConnection> ReadHeld(int slot, out uint generation)
    {
        lock (_connectionsGate)
        {
            ThrowIfClosed();
            generation = Volatile.Read(ref _loaded.Control[0].Slots[slot].Generation);
            int[] places = _stores.BySlot[slot];
            var held = new List<HeldConnection>();
            foreach ((HeldKey key, HeldValue value) in _loaded.ReadHeld())
            {
                int group = Array.IndexOf(places, key.Group);
                if (key.Slot == slot && value.Orphan == 0 && group >= 0)
                    held.Add(new HeldConnection(key, value, group));
            }
            return held;
        }
    }

    /// <summary>No node has this connection: its next packet is let through, and the kernel answers it with a reset.</summary>
    /// <returns>
    /// The connection by the client's newest packet, which may have closed it since it was read; null if the list has forgotten it, and
    /// nothing is marked.
    /// </returns>
    public HeldConnection? MarkOrphan(in HeldConnection connection, uint generation)
    {
        lock (_connectionsGate)
        {
            ThrowIfClosed();
            if (!_loaded.TryReadHeld(connection.Key, out HeldValue newest))
                return null;
            _loaded.WriteHeld(connection.Key, newest with { Generation = generation, Orphan = 1 });
            return new HeldConnection(connection.Key, newest, connection.Group);
        }
    }

    /// <summary>When each bucket of a slot's groups was last used by rules that note it: a value that changes with time; 0 for never.</summary>
    public void ReadActivity(int slot, Span<uint> ticks)
    {
        lock (_connectionsGate)
        {
            ThrowIfClosed();
            int[] places = _stores.BySlot[slot];
            Invariant.That(ticks.Length == places.Length * Limits.BucketsPerGroup, "4096 values for each group of the slot");
            for (int i = 0; i < places.Length; i++)
            {
                Span<uint> group = _loaded.Activity[places[i]];
                group.CopyTo(ticks[(i * Limits.BucketsPerGroup)..]);
            }
        }
    }
}
