using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>What the other node knows while a survey goes through the trees.</summary>
public sealed partial class ChangeRecorder
{
    private const uint TypeMask = 0xF000;
    private const uint DirectoryType = 0x4000;

    private FileIdSet? _introduced;
    private FileIdSet? _listed;

    /// <summary>A file that the survey has not reached was moved to where it has been already: its content is to be handled. Called under a tree's locks.</summary>
    internal Action<byte, SurveyedFile>? Appeared { get; set; }

    public bool IsIntroduced(byte tree, ulong file) => file == FileId.Root || _introduced is not { } known || known.Contains(tree, file);

    public bool IsListed(byte tree, ulong directory) => _listed is not { } known || known.Contains(tree, directory);

    /// <returns>False where it was introduced already.</returns>
    internal bool MarkIntroduced(byte tree, ulong file) => file != FileId.Root && _introduced is { } known && known.Add(tree, file);

    internal void MarkListed(byte tree, ulong directory) => _listed?.Add(tree, directory);

    private void NoteIntroduced(in OperationHeader header, in FileHandle handle)
    {
        switch (header.Kind)
        {
            case OperationKind.Create:
                MarkIntroduced(header.Tree, header.File);

                // A new directory is empty, and the other node knows that.
                if ((header.Mode & TypeMask) == DirectoryType)
                    MarkListed(header.Tree, header.File);
                break;

            case OperationKind.Introduce or OperationKind.Link or OperationKind.Rename:
                if (MarkIntroduced(header.Tree, header.File))
                    Appeared?.Invoke(header.Tree, new SurveyedFile(header.File, handle, header.Mode));
                if (header.Kind == OperationKind.Rename && header.Flags.HasFlag(OperationFlags.LastName))
                    Forget(header.Tree, header.OtherFile);
                break;

            // The number may come back with another file.
            case OperationKind.RemoveDirectory:
            case OperationKind.Unlink when header.Flags.HasFlag(OperationFlags.LastName):
                Forget(header.Tree, header.File);
                break;

            default:
                break;
        }
    }

    private void Forget(byte tree, ulong file)
    {
        _introduced?.Remove(tree, file);
        _listed?.Remove(tree, file);
    }
}
