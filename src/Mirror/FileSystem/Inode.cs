using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <summary>One file, directory or special file of the tree that somebody knows: the kernel, or a survey.</summary>
internal sealed class Inode(ulong number, in FileHandle handle, uint type)
{
    private bool _isListingStale;
    private LoggedRanges? _logged;

    /// <summary>Orders everything that changes content or attributes.</summary>
    public Lock Content { get; } = new();

    /// <summary>FUSE node, and file id of operations.</summary>
    public ulong Number { get; } = number;

    public FileHandle Handle { get; private set; } = handle;

    /// <summary>S_IFMT part of the mode.</summary>
    public uint Type { get; private set; } = type;

    /// <summary>Tells this inode from an earlier one with the same number.</summary>
    public uint Generation { get; private set; } = GenerationOf(handle);

    /// <summary>References of the kernel and of surveys; guarded by the table.</summary>
    public long References { get; set; }

    /// <summary>It has no name left (or none yet, with O_TMPFILE). Written under both locks, the namespace's and <see cref="Content"/>.</summary>
    public bool Nameless { get; set; }

    /// <summary>
    /// Of a directory: names changed although the caller is told of an error, so that the kernel goes on with the listing it keeps.
    /// </summary>
    public void DistrustListing() => Volatile.Write(ref _isListingStale, true);

    /// <summary>Whether the kernel is to forget the listing it keeps; whoever asks sees to it.</summary>
    public bool TakeStaleListing() => Interlocked.Exchange(ref _isListingStale, false);

    /// <summary>Epoch in which the other node was told of it.</summary>
    public ulong IntroducedEpoch { get; set; }

    /// <summary>With which marks it was marked last (<see cref="Recording.IChangeMarks"/>).</summary>
    public long MarkSerial { get; set; }

    /// <summary>What of it is marked on this node's disk; null: nothing yet. Written under the namespace lock.</summary>
    public LoggedRanges? Logged
    {
        get => Volatile.Read(ref _logged);
        set => Volatile.Write(ref _logged, value);
    }

    /// <summary>
    /// In which epoch of the log on the disk the last name went of what had been there before; 0: it has not. Under the namespace lock.
    /// </summary>
    public long GoneSerial { get; set; }

    /// <summary>Last change of the content, and the epoch that it counts in; guarded by <see cref="Content"/>.</summary>
    public ulong ChangedEpoch { get; set; }

    public ulong ChangedSequence { get; set; }

    /// <summary>Guarded by <see cref="InodeNames"/>.</summary>
    public InodeName FirstName { get; set; }

    /// <summary>Further hard links.</summary>
    public List<InodeName>? OtherNames { get; set; }

    /// <summary>Whether it is left out of the replication, and for which state of the names that was found out.</summary>
    public bool Excluded { get; set; }

    public long ExclusionVersion { get; set; } = -1;

    /// <summary>State of the descriptor; owned by <see cref="DescriptorCache"/>.</summary>
    public DescriptorSlot Slot = DescriptorSlot.Empty;

    public bool IsDirectory => Type == Native.LibC.S_IFDIR;

    /// <summary>The number means another file now: only where the tree changes below a read-only mount.</summary>
    public void Become(in FileHandle handle, uint type)
    {
        Handle = handle;
        Type = type;
        Generation = GenerationOf(handle);
    }

    public static uint GenerationOf(in FileHandle handle)
    {
        uint crc = (uint)handle.Type;
        foreach (byte value in handle.Value)
            crc = System.Numerics.BitOperations.Crc32C(crc, value);
        return crc;
    }
}
