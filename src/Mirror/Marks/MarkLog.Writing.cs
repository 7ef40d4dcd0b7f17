using System.Diagnostics;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Marks;

/// <summary>Marks on their way to the disk: who comes while others are being written is written with the next, all of them at once.</summary>
internal sealed partial class MarkLog
{
    private readonly List<byte> _gathering = [];
    private int _blocks;
    private bool _givenUp;
    private long _givenUpBatch;
    private bool _isWriting;

    /// <summary>What is said to whoever wants to change something: the log lacks a mark and cannot be removed.</summary>
    private string? _refusal;

    /// <summary>Number of the batch that is gathered, and of the last one that is on the disk.</summary>
    private long _batch = 1;
    private long _written;

    /// <summary>Comes back when the mark is on the disk, or none is needed any more.</summary>
    /// <param name="bytes">Content that it stands for.</param>
    /// <exception cref="SafeKitException">The disk takes neither the mark nor the removal of the log: the change must not be made.</exception>
    public void Append(in MarkRecord mark, long bytes)
    {
        lock (_lock)
        {
            if (HasEnded)
                return;
            if (_givenUp)
            {
                AwaitWritten(_givenUpBatch);
                return;
            }

            if (mark.Path.Length > MarkRecord.PathBytesMax)
            {
                GiveUp($"a path of more than {MarkRecord.PathBytesMax} bytes");
                return;
            }

            if (_blocks + BlocksFor(_gathering.Count + mark.Bytes + _owner.Length) > CopyBlocks - ReservedBlocks)
            {
                GiveUp("more has changed than it has room for");
                return;
            }

            MarkedBytes += bytes;
            Gather(mark);
            AwaitWritten(_batch);
        }
    }

    /// <summary>Something is about to change that cannot be marked: until the next epoch this log is of no use. As <see cref="Append"/>.</summary>
    public void GiveUp(string reason)
    {
        lock (_lock)
        {
            if (HasEnded)
                return;
            if (!_givenUp)
            {
                Gather(new MarkRecord(MarkKind.GiveUp, 0, System.Text.Encoding.UTF8.GetBytes(reason)));
                (_givenUp, _givenUpBatch) = (true, _batch);
            }

            AwaitWritten(_givenUpBatch);
        }
    }

    private static int BlocksFor(int bytes) => (bytes + MarkBlock.PayloadMax - 1) / MarkBlock.PayloadMax;

    private void Gather(in MarkRecord record)
    {
        if (_blocks == 0 && _gathering.Count == 0)
            Add(new MarkRecord(MarkKind.Begin, 0, _owner));
        Add(record);
    }

    private void Add(in MarkRecord record)
    {
        byte[] bytes = new byte[record.Bytes];
        record.Write(bytes);
        _gathering.AddRange(bytes);
    }

    /// <summary>Under the lock, which is let go meanwhile. One of those who wait writes for all.</summary>
    private void AwaitWritten(long batch)
    {
        while (_written < batch && !HasEnded)
        {
            if (_refusal is not null)
                throw new SafeKitException(_refusal);
            if (_isWriting)
                Monitor.Wait(_lock);
            else
                WriteGathered();
        }
    }

    private void WriteGathered()
    {
        byte[] payload = [.. _gathering];
        _gathering.Clear();
        long batch = _batch++;
        var first = new MarkBlockHead(_log, Epoch, _blocks);
        long offset = ((long)_slot * SlotBytes) + ((long)_blocks * MarkBlock.Bytes);
        _blocks += BlocksFor(payload.Length);
        _isWriting = true;
        Monitor.Exit(_lock);
        string? failure = null, refusal = null;
        try
        {
            failure = Write(Blocks(first, payload), offset);
            refusal = failure is null ? null : RemoveAfter(failure);
        }
        finally
        {
            Monitor.Enter(_lock);
            _isWriting = false;
            if (refusal is null)
                (HasEnded, _written) = (HasEnded || failure is not null, batch);
            _refusal = refusal;
            Monitor.PulseAll(_lock);
        }

        if (refusal is not null)
            _broken(refusal);
    }

    private static byte[] Blocks(MarkBlockHead head, ReadOnlySpan<byte> payload)
    {
        byte[] blocks = new byte[BlocksFor(payload.Length) * MarkBlock.Bytes];
        for (int offset = 0; offset < blocks.Length; offset += MarkBlock.Bytes)
        {
            int taken = Math.Min(payload.Length, MarkBlock.PayloadMax);
            MarkBlock.Write(blocks.AsSpan(offset), head, payload[..taken]);
            payload = payload[taken..];
            head = head with { Index = head.Index + 1 };
        }

        return blocks;
    }

    /// <returns>What the disk said; null: it is there.</returns>
    private string? Write(byte[] blocks, long offset)
    {
        try
        {
            RandomAccess.Write(_file, blocks, offset);
            RandomAccess.Write(_file, blocks, offset + CopyBytes);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return e.Message;
        }

        // FileStream.Flush(flushToDisk: true) was seen to return where fsync(2) had failed, see DurableFile.
        return LibC.fdatasync(_file.DangerousGetHandle().ToInt32()) == 0 ? null : Errno.Describe("fdatasync", Errno.Last);
    }

    /// <summary>Nobody goes on while a log is there that lacks a mark.</summary>
    /// <returns>Why it is there still, after some time of trying; null: it is removed.</returns>
    private string? RemoveAfter(string failure)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                Remove(_folder);
                _failed($"the mark log could not be written, and there is none until the other node is up to date anew: {failure}");
                return null;
            }
            catch (Exception e) when (e is SafeKitException or IOException or UnauthorizedAccessException)
            {
                if (Stopwatch.GetElapsedTime(began) >= _patience)
                    return $"the mark log can neither be written nor removed, and no change is let in: {e.Message}";
                Thread.Sleep(_retryAfter);
            }
        }
    }
}
