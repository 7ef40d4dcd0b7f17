using System.Text;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.FileSystem;

/// <summary>A directory opened by its path, for the length of a block.</summary>
internal readonly unsafe struct DirectoryDescriptor : IDisposable
{
    public DirectoryDescriptor(string path)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
            Descriptor = LibC.open(name, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
    }

    /// <summary>-1 where it could not be opened.</summary>
    public int Descriptor { get; }

    public void Dispose()
    {
        if (Descriptor >= 0)
            _ = LibC.close(Descriptor);
    }
}
