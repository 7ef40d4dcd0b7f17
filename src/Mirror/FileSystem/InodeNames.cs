namespace SafeKit.Mirror.FileSystem;

/// <summary>
/// By which names inodes are known. Its lock is innermost and short; that names and inodes belong together is the business of the namespace
/// lock.
/// </summary>
internal sealed class InodeNames
{
    private readonly Lock _room = new();
    private long _version;

    /// <summary>Changes before and after every change of names: what was looked up between two equal versions is true. Odd: a change is under way.</summary>
    public long Version => Volatile.Read(ref _version);

    public void BeginChange() => Interlocked.Increment(ref _version);

    public void EndChange() => Interlocked.Increment(ref _version);

    /// <summary>The same, if nothing has changed since that version. False where something has.</summary>
    public bool TryAdd(Inode inode, ulong parent, ReadOnlySpan<byte> name, long version)
    {
        lock (_room)
        {
            if ((version & 1) != 0 || version != Version)
                return false;
            Insert(inode, parent, name);
            return true;
        }
    }

    public void Add(Inode inode, ulong parent, ReadOnlySpan<byte> name)
    {
        lock (_room)
            Insert(inode, parent, name);
    }

    public void Remove(Inode inode, ulong parent, ReadOnlySpan<byte> name)
    {
        lock (_room)
        {
            List<InodeName>? others = inode.OtherNames;
            if (inode.FirstName.Name is not null && inode.FirstName.Is(parent, name))
            {
                inode.FirstName = default;
                if (others is { Count: > 0 })
                {
                    inode.FirstName = others[^1];
                    others.RemoveAt(others.Count - 1);
                }
                return;
            }
            for (int i = 0; i < others?.Count; i++)
            {
                if (others[i].Is(parent, name))
                {
                    others.RemoveAt(i);
                    return;
                }
            }
        }
    }

    public void Clear(Inode inode)
    {
        lock (_room)
        {
            inode.FirstName = default;
            inode.OtherNames = null;
        }
    }

    /// <summary>One of its names, counted from 0. False past the last.</summary>
    public bool TryGet(Inode inode, int index, out InodeName name)
    {
        lock (_room)
        {
            name = index == 0 ? inode.FirstName : index <= (inode.OtherNames?.Count ?? 0) ? inode.OtherNames![index - 1] : default;
            return name.Name is not null;
        }
    }

    private static void Insert(Inode inode, ulong parent, ReadOnlySpan<byte> name)
    {
        if (inode.FirstName.Name is null)
        {
            inode.FirstName = new InodeName(parent, name.ToArray());
            return;
        }
        if (inode.FirstName.Is(parent, name))
            return;
        foreach (InodeName other in inode.OtherNames ?? [])
        {
            if (other.Is(parent, name))
                return;
        }
        // A directory has one name: a second one means that it was moved while it was looked up.
        if (inode.IsDirectory)
            inode.FirstName = new InodeName(parent, name.ToArray());
        else
            (inode.OtherNames ??= []).Add(new InodeName(parent, name.ToArray()));
    }
}
