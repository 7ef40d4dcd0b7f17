using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// What a tree tells about its changes beside the operations, so that after a crash of the other node only that has to be compared. Called inside
/// the change gate, under a tree's locks too. Whoever keeps no marks does nothing.
/// </summary>
public interface IChangeMarks
{
    /// <summary>What was marked with another number counts no more. Changes only while nobody is inside the gate; 0: nothing is marked.</summary>
    long MarkSerial => 0;

    /// <summary>Names in a directory change, or a file in it does. Before the change, under the namespace lock.</summary>
    void MarkDirectory(byte tree, ulong directory, in FileHandle handle)
    {
    }

    /// <summary>Attributes or content of a file change. Before the change, and before it is asked whether it is recorded.</summary>
    void MarkFile(byte tree, ulong file, in FileHandle handle)
    {
    }

    /// <summary>A range of content has changed, and it is not recorded. Under the file's lock.</summary>
    void MarkRange(byte tree, ulong file, in FileHandle handle, long start, long end)
    {
    }

    /// <summary>A file or directory has come into being, under the namespace lock.</summary>
    void MarkCreated(byte tree, ulong file, in FileHandle handle, bool isDirectory)
    {
    }

    /// <summary>It has another name now. Under the namespace lock.</summary>
    /// <param name="sizeBytes">Size of its content.</param>
    /// <param name="isPlain">It is no directory, and has no other name.</param>
    void MarkMoved(byte tree, ulong file, in FileHandle handle, long sizeBytes, bool isPlain)
    {
    }

    /// <summary>One of several names of a file has come or gone.</summary>
    void MarkLinked(byte tree, ulong file, in FileHandle handle)
    {
    }

    /// <summary>Something changes that cannot be marked.</summary>
    void GiveUpMarks(string reason)
    {
    }
}
