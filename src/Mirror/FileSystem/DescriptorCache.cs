using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.FileSystem;

/// <summary>
/// The O_PATH descriptors of inodes: a bounded number stays open (clock), the others are opened again by handle when they are needed. What could not be
/// opened again stays open: inodes without a name, and all of them where the file system has no handles.
/// </summary>
internal sealed class DescriptorCache(TreeRoot root, int capacity, BackgroundCloser closer)
{
    private readonly Lock _room = new();
    private readonly List<Inode> _open = [];
    private int _hand;

    public int Count
    {
        get
        {
            lock (_room)
                return _open.Count;
        }
    }

    /// <summary>Opens the inode's descriptor if need be; ESTALE where it is gone.</summary>
    public Pinned Pin(Inode inode)
    {
        if (TryPin(inode))
            return new Pinned(this, inode, inode.Slot.Descriptor);
        int descriptor = Handles.Open(root.HandleMount, inode.Handle, LibC.O_PATH | LibC.O_NOFOLLOW);
        if (descriptor < 0)
            return new Pinned(this, inode, descriptor);
        lock (_room)
        {
            if (!TryPin(inode))
            {
                Install(inode, descriptor, 1);
                descriptor = -1;
            }
        }
        if (descriptor >= 0)
            _ = LibC.close(descriptor);
        return new Pinned(this, inode, inode.Slot.Descriptor);
    }

    public void Unpin(Inode inode)
    {
        if (Interlocked.Decrement(ref inode.Slot.Pins) == 0 && capacity == 0)
        {
            lock (_room)
                TryClose(inode);
        }
    }

    /// <summary>Gives the cache an open descriptor of the inode; it is closed if there is one already.</summary>
    public void Offer(Inode inode, int descriptor)
    {
        bool unwanted;
        lock (_room)
        {
            unwanted = inode.Slot.Pins != DescriptorSlot.Closed || (capacity == 0 && root.HasHandles);
            if (!unwanted)
                Install(inode, descriptor, 0);
        }
        if (unwanted)
            _ = LibC.close(descriptor);
    }

    /// <summary>
    /// The inode loses its last name: a descriptor stays open, so that its number means nothing else, until it is forgotten.
    /// </summary>
    /// <param name="descriptor">An open one; the cache's from now on.</param>
    public void Keep(Inode inode, int descriptor)
    {
        lock (_room)
        {
            inode.Slot.Kept = true;
            if (inode.Slot.Pins == DescriptorSlot.Closed)
            {
                Install(inode, descriptor, 0);
                return;
            }
            Remove(inode);
        }
        _ = LibC.close(descriptor);
    }

    /// <summary>The inode has a name again.</summary>
    public void KeepNoMore(Inode inode)
    {
        lock (_room)
        {
            if (!inode.Slot.Kept || !root.HasHandles)
                return;
            inode.Slot.Kept = false;
            Add(inode);
        }
    }

    /// <summary>The inode is forgotten, and nobody uses it. The last close of a file without a name frees its blocks, which may take long.</summary>
    public void Drop(Inode inode)
    {
        int descriptor;
        lock (_room)
        {
            if (inode.Slot.Pins == DescriptorSlot.Closed)
                return;
            Remove(inode);
            descriptor = inode.Slot.Descriptor;
            inode.Slot = DescriptorSlot.Empty;
        }
        if (inode.Nameless)
            closer.Close(descriptor);
        else
            _ = LibC.close(descriptor);
    }

    private static bool TryPin(Inode inode)
    {
        int pins = Volatile.Read(ref inode.Slot.Pins);
        while (pins >= 0)
        {
            int before = Interlocked.CompareExchange(ref inode.Slot.Pins, pins + 1, pins);
            if (before == pins)
            {
                inode.Slot.Recent = true;
                return true;
            }
            pins = before;
        }
        return false;
    }

    private void Install(Inode inode, int descriptor, int pins)
    {
        inode.Slot.Descriptor = descriptor;
        inode.Slot.Recent = true;
        inode.Slot.Kept |= !root.HasHandles;
        Volatile.Write(ref inode.Slot.Pins, pins);
        if (!inode.Slot.Kept)
            Add(inode);
    }

    private void Add(Inode inode)
    {
        inode.Slot.Index = _open.Count;
        _open.Add(inode);
        // Twice round: once to take the marks away, once to find one without.
        for (int steps = 2 * _open.Count; _open.Count > Math.Max(capacity, 1) && steps > 0; steps--)
        {
            _hand = _hand + 1 < _open.Count ? _hand + 1 : 0;
            Inode candidate = _open[_hand];
            if (!candidate.Slot.Recent && candidate != inode)
                TryClose(candidate);
            else
                candidate.Slot.Recent = false;
        }
    }

    private void TryClose(Inode inode)
    {
        if (inode.Slot.Kept || Interlocked.CompareExchange(ref inode.Slot.Pins, DescriptorSlot.Closed, 0) != 0)
            return;
        Remove(inode);
        _ = LibC.close(inode.Slot.Descriptor);
        inode.Slot.Descriptor = -1;
    }

    private void Remove(Inode inode)
    {
        int index = inode.Slot.Index;
        if (index < 0)
            return;
        Inode last = _open[^1];
        _open[index] = last;
        last.Slot.Index = index;
        _open.RemoveAt(_open.Count - 1);
        inode.Slot.Index = -1;
    }
}
