using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <summary>
/// What reintegration needs of a tree on the primary. Every method takes the locks that order the change, and appends to the recorder
/// before it lets them
/// go; the caller is inside the change gate.
/// </summary>
public interface IReplicatedTree
{
    byte Index { get; }

    /// <summary>
    /// Appends <see cref="OperationKind.Listing"/> of a directory under the namespace lock, and calls <paramref name="listed"/> with its
    /// entries under that lock
    /// still. Entries that are not replicated are left out.
    /// </summary>
    /// <param name="flags">Added to the operation: Verify for a verification.</param>
    /// <returns>False where the directory is gone.</returns>
    bool AppendListing(in SurveyedFile directory, OperationFlags flags, Action<IReadOnlyList<SurveyedFile>> listed);

    /// <summary>
    /// Introduces a directory and those above it by their names, under the namespace lock, as far as the other node has the same names.
    /// </summary>
    /// <param name="isToBeListed">Whether the other node may have other names in a directory. Called under that lock.</param>
    /// <param name="first">The directory that has to be listed first.</param>
    PathStep AppendPath(in SurveyedFile directory, Func<ulong, bool> isToBeListed, out SurveyedFile first);

    /// <summary>Appends <see cref="OperationKind.Attributes"/> of a file, under its lock. False where it is gone.</summary>
    bool AppendAttributes(in SurveyedFile file, OperationFlags flags);

    /// <summary>
    /// Appends <see cref="OperationKind.Digest"/> of a range under the file's lock; of a hole, which is not read, as long as it is. Nothing
    /// where the file has nothing there.
    /// </summary>
    /// <param name="length">At most so much data is read.</param>
    ContentPiece AppendDigest(in SurveyedFile file, long offset, int length, OperationFlags flags);

    /// <summary>
    /// Appends the present content of a range, as <see cref="OperationKind.Write"/> and <see cref="OperationKind.Hole"/>, under the file's
    /// lock, and the file's size where it reaches its end. As much as may be sent at once: less than asked for, where it is long.
    /// </summary>
    ContentPiece AppendContent(in SurveyedFile file, long offset, long length, OperationFlags flags);

    /// <summary>
    /// Marks what the other node has changed when it was primary. What is not here under that path is no loss: one of the directories above it is
    /// marked then.
    /// </summary>
    /// <param name="path">Relative to the tree; empty: its root.</param>
    /// <param name="range">Of a file's content; null: all of it.</param>
    internal void MarkPath(ReadOnlySpan<byte> path, bool isDirectory, ByteRange? range);

    /// <summary>Everything of the tree's file system onto the disk. 0, or the error number. Outside the change gate; needs no lock.</summary>
    int SyncDisk();
}
