using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Replay;

/// <summary>
/// Open descriptors of the files used last; what has not been used for longest is closed first. One thread. A descriptor stays open at least until
/// <see cref="SlotsMin"/> other files were opened.
/// </summary>
internal sealed class DescriptorCache : IDisposable
{
    public const int SlotsMin = 16;

    private const int None = -1;

    private readonly Dictionary<ulong, int> _slotOf;
    private readonly Slot[] _slots;
    private int _used;
    private int _newest = None;
    private int _oldest = None;

    public DescriptorCache(int slots)
    {
        _slots = new Slot[Math.Max(slots, SlotsMin)];
        _slotOf = new Dictionary<ulong, int>(_slots.Length);
    }

    public bool TryGet(ulong file, out int descriptor)
    {
        if (!_slotOf.TryGetValue(file, out int slot))
        {
            descriptor = None;
            return false;
        }

        if (slot != _newest)
        {
            Unchain(slot);
            Chain(slot);
        }

        descriptor = _slots[slot].Descriptor;
        return true;
    }

    /// <summary>Takes the descriptor over.</summary>
    public void Add(ulong file, int descriptor)
    {
        Remove(file);
        int slot;
        if (_used < _slots.Length)
        {
            slot = _used++;
        }
        else
        {
            slot = _oldest;
            Unchain(slot);
            _slotOf.Remove(_slots[slot].File);
            Close(_slots[slot].Descriptor);
        }

        _slots[slot] = new Slot { File = file, Descriptor = descriptor };
        _slotOf.Add(file, slot);
        Chain(slot);
    }

    /// <summary>Closes the descriptor of a file, if it is open.</summary>
    public void Remove(ulong file)
    {
        if (!_slotOf.Remove(file, out int slot))
            return;
        Unchain(slot);
        Close(_slots[slot].Descriptor);

        // The last slot moves into the gap, so that used slots stay together.
        int last = --_used;
        if (slot != last)
        {
            Slot moved = _slots[last];
            Replace(last, slot, moved);
        }
    }

    public void Clear()
    {
        for (int i = 0; i < _used; i++)
            Close(_slots[i].Descriptor);
        _slotOf.Clear();
        (_used, _newest, _oldest) = (0, None, None);
    }

    public void Dispose() => Clear();

    private static void Close(int descriptor) => _ = LibC.close(descriptor);

    private void Replace(int from, int to, Slot moved)
    {
        _slots[to] = moved;
        _slotOf[moved.File] = to;
        if (moved.Newer == None)
            _newest = to;
        else
            _slots[moved.Newer].Older = to;
        if (moved.Older == None)
            _oldest = to;
        else
            _slots[moved.Older].Newer = to;
    }

    private void Chain(int slot)
    {
        _slots[slot].Older = _newest;
        _slots[slot].Newer = None;
        if (_newest != None)
            _slots[_newest].Newer = slot;
        _newest = slot;
        if (_oldest == None)
            _oldest = slot;
    }

    private void Unchain(int slot)
    {
        (int newer, int older) = (_slots[slot].Newer, _slots[slot].Older);
        if (newer == None)
            _newest = older;
        else
            _slots[newer].Older = older;
        if (older == None)
            _oldest = newer;
        else
            _slots[older].Newer = newer;
    }

    private struct Slot
    {
        public ulong File;
        public int Descriptor;
        public int Newer;
        public int Older;
    }
}
