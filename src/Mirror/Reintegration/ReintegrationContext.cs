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

    /// <summary>Sends the present content of a piece.</summary>
    /// <returns>Bytes that the piece has now; -1 where the file is gone.</returns>
    /// <exception cref="OperationCanceledException">The connection has ended; the piece may not have been sent.</exception>
    public long CopyPiece(byte tree, SurveyedFile file, long offset, int length)
    {
        if (!_bucket.Take(length, Cancel))
            throw new OperationCanceledException(Cancel);
        long copied = Inside(() => trees[tree].AppendContent(file, offset, length, OperationFlags.Reintegration));
        progress.Copy(Math.Max(0, copied));
        return copied;
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
