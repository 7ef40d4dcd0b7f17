using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Replay;

/// <summary>What an operation is about to change, by this node's own files, as the primary marks what it changes itself.</summary>
internal sealed unsafe partial class ReplayTree
{
    /// <summary>The file whose directory was marked last, and where.</summary>
    private (ulong File, ChangeMarks? Marks) _lastMarked;

    /// <summary>Before the operation is applied. An unknown file is left to that.</summary>
    public void Mark(ChangeMarks marks, in OperationHeader header, int dataBytes)
    {
        if (marks.GivenUp is not null)
            return;
        switch (header.Kind)
        {
            case OperationKind.Create:
                MarkDirectory(marks, header.Parent);
                break;
            case OperationKind.Link:
                MarkDirectory(marks, header.Parent);
                MarkLinked(marks, header.File);
                break;
            case OperationKind.RemoveDirectory:
                MarkDirectory(marks, header.Parent);
                break;
            case OperationKind.Unlink:
                MarkDirectory(marks, header.Parent);
                if (!header.Flags.HasFlag(OperationFlags.LastName))
                    MarkLinked(marks, header.File);
                break;
            case OperationKind.Rename:
                MarkRename(marks, header);
                break;
            case OperationKind.Write or OperationKind.Hole or OperationKind.Allocate:
                MarkContent(marks, header.File, JournalEntry.RangeOf(header, dataBytes) ?? default);
                break;
            case OperationKind.SetAttributes when ((AttributeMask)header.Argument).HasFlag(AttributeMask.Size):
            case OperationKind.Attributes:
                MarkContent(marks, header.File, new ByteRange(header.Length, ByteRange.ToTheEnd));
                break;
            case OperationKind.SetAttributes or OperationKind.SetXattr or OperationKind.RemoveXattr:
                MarkContent(marks, header.File, default);
                break;
        }
    }

    /// <summary>After a creation has been applied.</summary>
    public void MarkCreated(ChangeMarks marks, ulong id)
    {
        if (!_files.TryGetValue(id, out OwnFile made))
            return;
        marks.MarkWhole(Index, made.Inode, made.Handle, 0, isCreated: true);
        if (made.IsDirectory)
            marks.MarkDirectory(Index, made.Inode, made.Handle);
    }

    private void SetParent(ulong id, ulong parent)
    {
        if (_files.TryGetValue(id, out OwnFile file))
            _files[id] = file with { Parent = parent };
        _lastMarked = default;
    }

    private void MarkDirectory(ChangeMarks marks, ulong id)
    {
        if (id == FileId.Root)
            marks.MarkDirectory(Index, FileId.Root, default);
        else if (_files.TryGetValue(id, out OwnFile own))
            marks.MarkDirectory(Index, own.Inode, own.Handle);
        else
            marks.GiveUp("a directory changed that is not known");
    }

    private void MarkContent(ChangeMarks marks, ulong id, ByteRange range)
    {
        OwnFile own = _files.GetValueOrDefault(id);
        if (id == FileId.Root || own.IsDirectory)
        {
            MarkDirectory(marks, id);
            return;
        }

        if (own.Inode == 0)
            return;
        if (_lastMarked != (id, marks))
            MarkDirectory(marks, own.Parent);
        _lastMarked = (id, marks);
        marks.MarkFile(Index, own.Inode, own.Handle, range.Start, range.End);
    }

    private void MarkLinked(ChangeMarks marks, ulong id)
    {
        if (_files.TryGetValue(id, out OwnFile own) && !marks.IsCreated(Index, own.Inode, own.Handle))
            marks.GiveUp("one of several names of a file came or went");
    }

    private void MarkRename(ChangeMarks marks, in OperationHeader header)
    {
        MarkDirectory(marks, header.Parent);
        MarkDirectory(marks, header.OtherParent);
        MarkMoved(marks, header.File);
        if (header.Argument == LibC.RENAME_EXCHANGE)
            MarkMoved(marks, header.OtherFile);
        else if (header.OtherFile != FileId.None && !header.Flags.HasFlag(OperationFlags.LastName))
            MarkLinked(marks, header.OtherFile);
    }

    private void MarkMoved(ChangeMarks marks, ulong id)
    {
        if (!_files.TryGetValue(id, out OwnFile own) || marks.GivenUp is not null)
            return;
        int descriptor = TryDescriptor(id);
        Statx stat = descriptor >= 0 ? StatOf(descriptor) : default;
        bool isPlain = descriptor >= 0 && !own.IsDirectory && stat.Links <= 1;
        if (!isPlain && !marks.IsCreated(Index, own.Inode, own.Handle))
            marks.GiveUp("a directory, or a file with several names, was renamed");
        else
            marks.MarkWhole(Index, own.Inode, own.Handle, (long)stat.Size, isCreated: false);
    }
}
