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

    /// <summary>
    /// Number of the epoch of the marks on this node's own disk: what was marked in another one counts no more. Changes only while nobody is inside
    /// the gate, except to 0: nothing is marked there.
    /// </summary>
    long LogSerial => 0;

    /// <summary>Whether a file or directory has come into being since what is marked in memory began.</summary>
    bool IsCreated(byte tree, ulong file, in FileHandle handle) => false;

    /// <summary>
    /// Names in a directory are about to change, or its attributes. As everything that follows it comes back when the mark is on the disk.
    /// </summary>
    /// <param name="path">Relative to the tree; empty: its root.</param>
    void LogDirectory(byte tree, byte[] path)
    {
    }

    /// <summary>Attributes of a file are about to change, and a range of its content.</summary>
    /// <param name="bytes">So much of it the file has.</param>
    void LogRange(byte tree, byte[] path, long start, long end, long bytes)
    {
    }

    /// <summary>The path is about to mean another file.</summary>
    void LogWhole(byte tree, byte[] path, long bytes)
    {
    }

    /// <summary>Something is about to change that cannot be marked on the disk.</summary>
    void GiveUpLog(string reason)
    {
    }
}
