using SafeKit.Core;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Reintegration;

/// <summary>
/// Brings the other node up to date by the journal: its operations in rounds while the application goes on, the rest of them while nobody is
/// inside the gate, so that live ones
/// follow in the same stream; then the dirty ranges, with the content that they have by then.
/// </summary>
internal sealed class JournalReintegration(ReintegrationContext context)
{
    /// <summary>So little may be left when the gate is closed for the rest.</summary>
    private const int RestBytesMax = 256 << 10;

    /// <summary>After so many rounds the rest is sent however long it is: the application makes operations faster than they are sent.</summary>
    private const int RoundsMax = 200;

    private const uint RegularFile = 0x8000;

    public void Run()
    {
        SendOperations();
        context.Progress.Know(0, context.Recorder.DirtyBytes);
        context.InParallel("reintegration", CopyDirty);
    }

    private void SendOperations()
    {
        JournalCursor cursor = context.Recorder.OpenJournal();
        for (int round = 0; round < RoundsMax; round++)
        {
            while (!context.Recorder.MoveFromJournal(cursor))
            {
                if (context.Cancel.WaitHandle.WaitOne(1))
                    throw new OperationCanceledException(context.Cancel);
            }

            if (context.Recorder.JournalBytesAfter(cursor) < RestBytesMax)
                break;
        }

        context.Recorder.SwitchToLive(cursor);
    }

    private void CopyDirty()
    {
        while (context.Recorder.TakeDirty() is { } dirty)
        {
            context.Progress.Know(1, 0);
            Copy(dirty);
            context.Progress.FileDone();
        }
    }

    private void Copy(DirtyFile dirty)
    {
        Invariant.That(dirty.Tree < context.Trees.Count, "the journal knows the trees of the module");
        var file = new SurveyedFile(dirty.File, dirty.Handle, RegularFile);
        while (dirty.TryTake(ReintegrationContext.PieceBytes, out ByteRange piece))
        {
            bool isLast;
            try
            {
                ContentPiece copied = context.CopyPiece(dirty.Tree, file, piece.Start, piece.End - piece.Start);
                context.Progress.Pass(piece.End - piece.Start);

                // Past the end there is nothing, and its size went with the last piece. Writing takes away some attributes (file capabilities,
                // set-user-id): they follow the content.
                isLast = copied.ReachesEnd || dirty.Ranges.Count == 0;
                if (isLast)
                    _ = context.Inside(() => context.Trees[dirty.Tree].AppendAttributes(file, OperationFlags.Reintegration));
            }
            catch
            {
                // A range is forgotten only when its content is in the window: until then it is missed.
                dirty.Mark(piece.Start, piece.End);
                context.Recorder.PutBack(dirty);
                throw;
            }

            if (isLast)
                return;
        }
    }
}
