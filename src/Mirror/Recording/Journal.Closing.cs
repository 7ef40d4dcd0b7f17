using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>Closed in good order, and opened again by the next daemon.</summary>
internal sealed partial class Journal
{
    /// <summary>
    /// Writes the dirty ranges behind the operations, syncs, and writes the marker. Without effect where the journal has been given up: then there is no marker.
    /// </summary>
    /// <exception cref="SafeKitException">The disk refused: there is no marker.</exception>
    public void CloseClean(ulong epoch, ulong baseEpoch, ulong baseSequence, ulong lastSequence, Guid chapter)
    {
        if (GivenUp is not null)
            return;
        RemoveMarker(_folder);
        Try(() => RandomAccess.SetLength(_file, _flushedBytes));
        foreach (DirtyFile dirty in Dirty.Files.ToArray())
            AppendMarks(dirty, lastSequence);
        if (!Flush())
            throw new SafeKitException($"{GivenUp}. The other node will be surveyed.");
        try
        {
            RandomAccess.FlushToDisk(_file);
        }
        catch (IOException e)
        {
            throw new SafeKitException($"{_folder}: the journal cannot be synced: {e.Message}. The other node will be surveyed.", e);
        }

        var marker = new JournalMarker(epoch, baseEpoch, baseSequence, FirstSequence, lastSequence, _flushedBytes, chapter);
        DurableFile.Replace(Path.Combine(_folder, MarkerName), marker.Write());
    }

    /// <summary>Opens what was closed in good order. Null: there is nothing that can be trusted, and <paramref name="reason"/> says why.</summary>
    public static Journal? TryOpen(string folder, long bytesMax, Guid chapter, out JournalMarker? marker, out string reason)
    {
        marker = null;
        Journal? journal = null;
        try
        {
            string path = Path.Combine(folder, MarkerName);
            marker = File.Exists(path) ? JournalMarker.TryRead(File.ReadAllBytes(path)) : null;
            reason = marker is null ? "no journal was closed in good order" : marker.Chapter != chapter ? "the journal is of other data" : "";
            if (reason.Length > 0)
                return null;
            journal = new Journal(folder, bytesMax, File.OpenHandle(Path.Combine(folder, FileName), FileMode.Open, FileAccess.ReadWrite, FileShare.Read));
            reason = journal.Load(marker!) ? "" : "the journal is damaged";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reason = $"the journal cannot be read: {e.Message}";
        }

        if (reason.Length == 0)
            return journal;
        journal?.Dispose();
        return null;
    }

    private void AppendMarks(DirtyFile dirty, ulong lastSequence)
    {
        foreach (ByteRange range in dirty.Ranges)
        {
            var header = OperationHeader.Of(OperationKind.MarkRange, dirty.Tree, dirty.File);
            header.Sequence = lastSequence;
            header.Argument = (uint)dirty.Handle.Type;
            header.Offset = range.Start;
            header.Length = range.End == ByteRange.ToTheEnd ? ByteRange.ToTheEnd : range.End - range.Start;
            Append(ref header, [], [], dirty.Handle.Value);
        }
    }

    /// <summary>Checks every operation, and takes the marks at the end into the dirty map.</summary>
    private bool Load(JournalMarker marker)
    {
        if (RandomAccess.GetLength(_file) != marker.Bytes || marker.Bytes > _bytesMax)
            return false;
        FirstSequence = marker.FirstSequence;
        _flushedBytes = marker.Bytes;
        var cursor = new JournalCursor(this);
        ulong next = marker.FirstSequence;
        long namesEnd = 0;
        while (cursor.TryNext(out Operation operation, out _))
        {
            if (operation.Header.Kind == OperationKind.MarkRange)
            {
                if (!TakeMark(operation))
                    return false;
                continue;
            }

            if (operation.Header.Sequence != next || namesEnd + operation.Header.Bytes != cursor.PassedBytes)
                return false;
            next++;
            OperationCount += operation.Header.Kind == OperationKind.Ping ? 0 : 1;
            namesEnd = cursor.PassedBytes;
        }

        bool isWhole = !cursor.IsDamaged && cursor.PassedBytes == marker.Bytes && next == marker.LastSequence + 1;

        // The marks stay in the file until the marker is gone; what is appended now overwrites them.
        _flushedBytes = namesEnd;
        return isWhole;
    }

    private bool TakeMark(in Operation operation)
    {
        if (operation.Data.Length > FileHandle.BytesMax || operation.Header.Offset < 0 || operation.Header.Length <= 0)
            return false;
        var handle = new FileHandle { Type = (int)operation.Header.Argument, Bytes = operation.Data.Length };
        operation.Data.CopyTo(handle.Buffer);
        long end = operation.Header.Length > ByteRange.ToTheEnd - operation.Header.Offset
            ? ByteRange.ToTheEnd
            : operation.Header.Offset + operation.Header.Length;
        Dirty.Mark(operation.Header.Tree, operation.Header.File, handle, operation.Header.Offset, end);
        return true;
    }
}
