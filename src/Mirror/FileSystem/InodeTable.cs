using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <summary>The inodes that the kernel or a survey knows, by number, with counted references.</summary>
internal sealed class InodeTable
{
    private const int ShardCount = 64;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard())];

    private sealed class Shard
    {
        public Lock Room { get; } = new();

        public Dictionary<ulong, Inode> Inodes { get; } = [];
    }

    /// <summary>Null where nobody knows the number.</summary>
    public Inode? Find(ulong number)
    {
        Shard shard = ShardOf(number);
        lock (shard.Room)
            return shard.Inodes.GetValueOrDefault(number);
    }

    /// <summary>The inode with one more reference.</summary>
    public Inode Take(ulong number, in FileHandle handle, uint type)
    {
        Shard shard = ShardOf(number);
        lock (shard.Room)
        {
            if (!shard.Inodes.TryGetValue(number, out Inode? inode))
            {
                inode = new Inode(number, handle, type);
                shard.Inodes.Add(number, inode);
            }
            else if (!inode.Handle.Value.SequenceEqual(handle.Value))
            {
                inode.Become(handle, type);
            }
            inode.References++;
            return inode;
        }
    }

    /// <summary>Takes references away. The inode if none are left: it is in the table no more.</summary>
    public Inode? Forget(ulong number, ulong references)
    {
        Shard shard = ShardOf(number);
        lock (shard.Room)
        {
            if (!shard.Inodes.TryGetValue(number, out Inode? inode))
                return null;
            inode.References -= (long)references;
            if (inode.References > 0)
                return null;
            shard.Inodes.Remove(number);
            return inode;
        }
    }

    /// <summary>The inode as a survey knows it, with one more reference; null where the number means another one now.</summary>
    public Inode? TakeIfSame(ulong number, in FileHandle handle, uint type)
    {
        Shard shard = ShardOf(number);
        lock (shard.Room)
        {
            if (!shard.Inodes.TryGetValue(number, out Inode? inode))
                shard.Inodes.Add(number, inode = new Inode(number, handle, type));
            else if (!handle.IsEmpty && !inode.Handle.Value.SequenceEqual(handle.Value))
                return null;
            inode.References++;
            return inode;
        }
    }

    /// <summary>The directory itself: known for ever.</summary>
    public void AddRoot(Inode root) => ShardOf(root.Number).Inodes.Add(root.Number, root);

    /// <summary>Takes everything out, at the end.</summary>
    public List<Inode> TakeAll()
    {
        var all = new List<Inode>();
        foreach (Shard shard in _shards)
        {
            lock (shard.Room)
            {
                all.AddRange(shard.Inodes.Values);
                shard.Inodes.Clear();
            }
        }
        return all;
    }

    private Shard ShardOf(ulong number) => _shards[number % ShardCount];
}
