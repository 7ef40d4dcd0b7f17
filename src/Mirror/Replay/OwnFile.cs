using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Replay;

/// <summary>The file of this node that a file id of the primary stands for.</summary>
internal readonly record struct OwnFile
{
    /// <summary>Opens it again; empty where the file system has no handles.</summary>
    public FileHandle Handle { get; init; }

    public ulong Inode { get; init; }

    /// <summary>Id of a directory in which it is; 0: of none that is known.</summary>
    public ulong Parent { get; init; }

    /// <summary>S_IFMT of the mode: an inode never changes its type.</summary>
    public uint Type { get; init; }

    /// <summary>An O_PATH descriptor kept open, where there is no handle; otherwise -1.</summary>
    public int Kept { get; init; }

    public bool IsDirectory => Type == LibC.S_IFDIR;

    public bool IsRegular => Type == LibC.S_IFREG;
}
