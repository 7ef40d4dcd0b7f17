using System.Diagnostics;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Replay;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// The thread that applies, and those that wait for the disk. None of them stops because the answers cannot be sent: what was received is
/// applied all the same.
/// </summary>
internal sealed partial class FollowerSession
{
    /// <summary>
    /// So much is applied before the primary is told of it by itself: it only makes room in the window by that. Every acknowledgement of receipt
    /// says it too.
    /// </summary>
    private readonly long _untoldBytesMax;

    private static readonly TimeSpan _settleInterval = TimeSpan.FromSeconds(1);

    private long _lastSettle;
    private long _untoldBytes;
    private bool _hasBegun;

    /// <summary>Barriers of one file, or of one tree, on a thread that may wait.</summary>
    public void Sync(ReadOnlySpan<SyncJob> jobs)
    {
        long start = Stopwatch.GetTimestamp();
        bool isCheckpoint = jobs[0].CheckpointEpoch != 0;
        try
        {
            if (isCheckpoint && !_state.ReachCheckpoint(this, new Checkpoint(jobs[0].CheckpointEpoch, jobs[0].Sequence)))
                return;
            if (isCheckpoint)
            {
                TrySend(new AnswerHeader { Kind = AnswerKind.CheckpointKept, First = (long)jobs[0].Sequence });
                return;
            }

            if (jobs[0].IsWholeTree)
                _state.Replayer.SyncTree(jobs[0].Tree);
            else
                SyncFile(jobs);
        }
        catch (Exception e) when (e is ReplayException or SafeKitException)
        {
            LoseSync(e);
            return;
        }
        finally
        {
            EndJobs(jobs.Length);
        }

        // An earlier barrier of the file may have taken the error that is this one's too.
        if (_hasLostSync)
            return;
        double ns = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        foreach (SyncJob job in jobs)
        {
            if (job.Sequence != 0)
                TryGather(new AnswerHeader { Kind = AnswerKind.Durable, First = (long)job.Sequence, Third = (long)ns });
        }

        TryFlush();
    }

    /// <summary>Nothing more is read or applied; the primary hears why.</summary>
    private void Fail(Exception failure)
    {
        if (!TryFail(failure))
            return;
        TrySend(
            new AnswerHeader
            {
                Kind = AnswerKind.ApplyFailed,
                First = (long)_state.Replayer.Applied + 1,
                Second = (failure as ReplayException)?.Errno ?? Errno.EIO,
            },
            failure.Message);
        Cut();

        // What is queued now may be the next connection's.
        lock (_jobsGate)
        {
            if (!_isOver)
                _state.Queue.End();
        }
    }

    private static void SyncFile(ReadOnlySpan<SyncJob> jobs)
    {
        int descriptor = -1;
        bool isDataOnly = true;
        foreach (SyncJob job in jobs)
        {
            descriptor = Math.Max(descriptor, job.Descriptor);
            isDataOnly &= job.IsDataOnly;
        }

        int result = descriptor < 0 ? 0 : isDataOnly ? LibC.fdatasync(descriptor) : LibC.fsync(descriptor);
        int errno = result == 0 ? 0 : Errno.Last;
        foreach (SyncJob job in jobs)
        {
            if (job.Descriptor >= 0)
                _ = LibC.close(job.Descriptor);
        }

        if (errno != 0)
            throw new ReplayException($"fsync for operation {jobs[0].Sequence}", errno);
    }

    private void ApplyAll()
    {
        CreatorIdentity.Prepare();
        try
        {
            while (_failure is null)
            {
                if (_state.Queue.TryTake(_idleTime, out ReceivedSlice slice))
                    ApplySlice(slice);
                else if (_state.Queue.HasEnded)
                    break;
                else
                    Rest();
                SettleWhenDue();
                SyncWhenDue();
            }

            if (_failure is null)
                Rest();
        }
        catch (Exception e) when (e is ReplayException or SafeKitException)
        {
            Fail(e);
        }
    }

    private void ApplySlice(in ReceivedSlice slice)
    {
        long start = Stopwatch.GetTimestamp();
        int position = slice.Start;
        while (position < slice.End && _failure is null)
        {
            ReadOnlySpan<byte> rest = slice.Block.AsSpan(position, slice.End - position);
            bool whole = Operation.TryRead(rest, out Operation operation) == OperationReadVerdict.Complete;
            Invariant.That(whole, "only whole operations are published");
            Apply(operation);
            position += (int)operation.Header.Bytes;
        }

        if (slice.IsLastOfBlock)
            _state.Queue.Release(slice.Block);
        Volatile.Write(ref _batchNs, (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        if (_hasChanged)
            NoteChange();
        _untoldBytes += position - slice.Start;
        if (_untoldBytes >= _untoldBytesMax)
            TellApplied();
        else if (_answers.HasGathered)
            TryFlush();
    }

    /// <summary>A steady stream leaves no rest: times are right after a second all the same.</summary>
    private void SettleWhenDue()
    {
        if (Stopwatch.GetElapsedTime(_lastSettle) >= _settleInterval)
            Settle();
    }

    private void Settle()
    {
        _lastSettle = Stopwatch.GetTimestamp();
        _state.Replayer.Settle();
    }

    /// <summary>There is nothing to apply.</summary>
    private void Rest()
    {
        Settle();
        if (Volatile.Read(ref _toldApplied) != Volatile.Read(ref _applied))
            TellApplied();
    }

    private void TellApplied()
    {
        _untoldBytes = 0;
        TrySend(Acknowledgement());
    }

    private void Apply(in Operation operation)
    {
        if (operation.Header.Kind is not (OperationKind.Ping or OperationKind.Leave or OperationKind.Checkpoint))
        {
            if (!_hasBegun)
                _state.MarkBeforeFirstChange(_kind);
            _hasBegun = true;
            _hasChanged = true;
        }

        _state.Replayer.Apply(operation);
        Volatile.Write(ref _applied, (long)operation.Header.Sequence);
        _state.Count(operation.Header);
    }

    private AnswerHeader Acknowledgement()
    {
        long applied = Volatile.Read(ref _applied);
        Volatile.Write(ref _toldApplied, applied);
        return new()
        {
            Kind = AnswerKind.Acknowledged,
            First = Volatile.Read(ref _received),
            Second = applied,
            Third = Volatile.Read(ref _batchNs),
        };
    }

    /// <summary>To be sent with whatever comes next.</summary>
    public bool TryGather(in AnswerHeader answer, string text = "")
    {
        try
        {
            _answers.Append(answer, text);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private bool TryFlush()
    {
        try
        {
            _answers.Flush();
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
    }
}
