using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>What the other node knows while a survey goes through the trees.</summary>
public sealed partial class ChangeRecorder
{
    private FileIdSet? _introduced;
    private FileIdSet? _listed;

    /// <summary>One of several names went: if it was the only one on the other node, its content comes with the next name that is listed.</summary>
    private FileIdSet _departed = new();

    /// <summary>Takes what is to be surveyed although its directory was listed before it was there. Called under a tree's locks.</summary>
    internal Action<byte, SurveyedFile>? SurveyMore { get; set; }

    public void Appeared(byte tree, in SurveyedFile file) => SurveyMore?.Invoke(tree, file);

    public bool IsIntroduced(byte tree, ulong file) => file == FileId.Root || _introduced is not { } known || known.Contains(tree, file);

    public bool HasDeparted(byte tree, ulong file) => _departed.Contains(tree, file);

    public bool IsListed(byte tree, ulong directory) => _listed is not { } known || known.Contains(tree, directory);

    /// <returns>False where it was introduced already, and its content with it.</returns>
    internal bool MarkIntroduced(byte tree, ulong file)
    {
        if (file == FileId.Root || _introduced is not { } known)
            return false;
        bool isNew = known.Add(tree, file);
        return _departed.Remove(tree, file) || isNew;
    }

    internal void MarkListed(byte tree, ulong directory) => _listed?.Add(tree, directory);

    private void NoteIntroduced(in OperationHeader header)
    {
        switch (header.Kind)
        {
            case OperationKind.Create:
            case OperationKind.Introduce:
            case OperationKind.Link:
                MarkIntroduced(header.Tree, header.File);
                break;

            case OperationKind.Rename:
                MarkIntroduced(header.Tree, header.File);
                if (header.Flags.HasFlag(OperationFlags.LastName))
                    Forget(header.Tree, header.OtherFile);
                break;

            // The number may come back with another file.
            case OperationKind.RemoveDirectory:
            case OperationKind.Unlink when header.Flags.HasFlag(OperationFlags.LastName):
                Forget(header.Tree, header.File);
                break;

            case OperationKind.Unlink:
                _departed.Add(header.Tree, header.File);
                break;

            default:
                break;
        }
    }

    private void Forget(byte tree, ulong file)
    {
        _introduced?.Remove(tree, file);
        _listed?.Remove(tree, file);
        _departed.Remove(tree, file);
    }
}
