using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Reintegration;

/// <summary>What the parts of a reintegration share.</summary>
internal sealed class ReintegrationContext(
    ReplicatedDataSettings settings, ChangeRecorder recorder, IReadOnlyList<IReplicatedTree> trees, ProgressMeter progress, CancellationToken ended)
    : IDisposable
{
    /// <summary>Content is compared and copied in pieces of this size.</summary>
    public const int PieceBytes = 1 << 20;

    private readonly CancellationTokenSource _cancel = CancellationTokenSource.CreateLinkedTokenSource(ended);
    private readonly TokenBucket _bucket = new(settings.ReintegrationBytesPerSecond);

    public ChangeRecorder Recorder => recorder;

    public IReadOnlyList<IReplicatedTree> Trees => trees;

    public ProgressMeter Progress => progress;

    /// <summary>The connection has ended, or one of the threads has failed.</summary>
    public CancellationToken Cancel => _cancel.Token;

    public void Dispose() => _cancel.Dispose();

    public int ThreadCount => Math.Max(1, settings.ReintegrationThreads);

    /// <summary>Does something with a tree inside the change gate, once there is room for it.</summary>
    /// <exception cref="OperationCanceledException">The connection has ended.</exception>
    public T Inside<T>(Func<T> work)
    {
        if (!recorder.EnterForReintegration(Cancel))
            throw new OperationCanceledException(Cancel);
        try
        {
            return work();
        }
        finally
        {
            recorder.Exit();
        }
    }

    /// <summary>Sends the present content of a range, or the beginning of it.</summary>
    /// <exception cref="OperationCanceledException">The connection has ended; nothing may have been sent.</exception>
    public ContentPiece CopyPiece(byte tree, SurveyedFile file, long offset, long length)
    {
        long reserved = Math.Min(length, PieceBytes);
        if (!_bucket.Take(reserved, Cancel))
            throw new OperationCanceledException(Cancel);
        ContentPiece copied = Inside(() => trees[tree].AppendContent(file, offset, length, OperationFlags.Reintegration));
        _bucket.GiveBack(reserved - copied.DataBytes);
        progress.Copy(copied.DataBytes);
        return copied;
    }

    /// <summary>Sends the present content of a range, as far as the file has it.</summary>
    /// <exception cref="OperationCanceledException">The connection has ended; it may not have been sent.</exception>
    public void CopyRange(byte tree, SurveyedFile file, long offset, long length)
    {
        long end = offset + length;
        ContentPiece piece;
        do
        {
            piece = CopyPiece(tree, file, offset, end - offset);
            progress.Pass(Math.Max(0, piece.Bytes));
            offset += piece.Bytes;
        }
        while (!piece.ReachesEnd && offset < end);
    }

    /// <summary>Runs the same work on several threads, and ends when all have ended.</summary>
    /// <exception cref="Exception">The first that any of them threw.</exception>
    public void InParallel(string name, Action work)
    {
        var failures = new List<Exception>();
        var threads = new Thread[ThreadCount];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(() => Catch(work, failures)) { IsBackground = true, Name = name };
            threads[i].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        if (failures.Count > 0)
            throw failures[0];
    }

    private void Catch(Action work, List<Exception> failures)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            lock (failures)
                failures.Add(e);
            _cancel.Cancel();
        }
    }
}
