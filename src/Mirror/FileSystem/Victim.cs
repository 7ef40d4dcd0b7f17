using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.FileSystem;

/// <summary>The inode of a name that goes, or that moves.</summary>
/// <param name="Inode">Null where nobody knows it, so that nobody can change it meanwhile.</param>
/// <param name="Descriptor">O_PATH, this one's own.</param>
internal readonly record struct Victim(Inode? Inode, int Descriptor, Statx Status, FileHandle Handle)
{
    /// <summary>Without this name it has none.</summary>
    public bool LosesLastName => Status.IsDirectory || Status.Links <= 1;

    public void Lock()
    {
        if (LosesLastName)
            Inode?.Content.Enter();
    }

    public void Unlock()
    {
        if (LosesLastName)
            Inode?.Content.Exit();
    }
}
