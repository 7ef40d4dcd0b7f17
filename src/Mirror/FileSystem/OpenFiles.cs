namespace SafeKit.Mirror.FileSystem;

/// <summary>Open files by the handle that the kernel is given: a place and how often it was used before.</summary>
internal sealed class OpenFiles
{
    private readonly Lock _room = new();
    private readonly Stack<int> _free = new();
    private OpenFile[] _files = [];
    private uint[] _uses = [];
    private int _count;

    public ulong Add(Inode inode, int descriptor, bool writable)
    {
        lock (_room)
        {
            if (!_free.TryPop(out int index))
                index = Grow();
            OpenFile file = _files[index];
            file.Inode = inode;
            file.Descriptor = descriptor;
            file.Position = 0;
            file.Writable = writable;
            return ((ulong)_uses[index] << 32) | (uint)index;
        }
    }

    /// <summary>Null where the handle is none.</summary>
    public OpenFile? Find(ulong handle)
    {
        OpenFile[] files = Volatile.Read(ref _files);
        uint index = (uint)handle;
        return index < files.Length && _uses[index] == (uint)(handle >> 32) && files[index].Inode is not null ? files[index] : null;
    }

    /// <returns>The descriptor to close; -1 where the handle is none.</returns>
    public int Remove(ulong handle)
    {
        lock (_room)
        {
            if (Find(handle) is not { } file)
                return -1;
            int descriptor = file.Descriptor;
            file.Inode = null;
            file.Descriptor = -1;
            _uses[(uint)handle]++;
            _free.Push((int)(uint)handle);
            return descriptor;
        }
    }

    /// <summary>Descriptors of all that are still open, at the end.</summary>
    public List<int> TakeAll()
    {
        var descriptors = new List<int>();
        lock (_room)
        {
            foreach (OpenFile file in _files.AsSpan(0, _count))
            {
                if (file.Inode is not null)
                    descriptors.Add(file.Descriptor);
                file.Inode = null;
            }
        }
        return descriptors;
    }

    private int Grow()
    {
        if (_count == _files.Length)
        {
            int length = Math.Max(64, 2 * _count);
            // The uses must be there before a reader sees the longer array of files.
            Array.Resize(ref _uses, length);
            OpenFile[] files = _files;
            Array.Resize(ref files, length);
            for (int i = _count; i < length; i++)
                files[i] = new OpenFile();
            Volatile.Write(ref _files, files);
        }
        return _count++;
    }
}
