using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// Received operations on their way from the thread that reads to the thread that applies. Holds as much as the primary sends without
/// its being applied, so that reading goes on, and with it the answers that show that this node lives; with more reading waits, and through TCP
/// the primary.
/// </summary>
/// <param name="windowBytes">What the primary sends at most without its being applied.</param>
internal sealed class ReceiveQueue(long windowBytes)
{
    public const int BlockBytes = 4 << 20;

    /// <summary>Blocks that are kept where nothing waits.</summary>
    private const int BlocksKept = 8;

    private readonly object _gate = new();
    private readonly Signal _published = new();
    private readonly Stack<byte[]> _free = new();
    private readonly Queue<ReceivedSlice> _slices = new();

    /// <summary>An operation that does not fit into a block any more begins the next one.</summary>
    private readonly long _blocksMax = (windowBytes / (BlockBytes - OperationHeader.BytesMax)) + BlocksKept;

    private int _allocated;
    private bool _ended;

    /// <summary>A free block; waits for one. Null where nothing is to be read any more.</summary>
    public byte[]? TakeBlock()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_ended)
                    return null;
                if (_free.TryPop(out byte[]? block))
                    return block;
                if (_allocated < _blocksMax)
                {
                    _allocated++;
                    return GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);
                }

                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Whole operations for the one who applies.</summary>
    public void Publish(ReceivedSlice slice)
    {
        lock (_gate)
        {
            _slices.Enqueue(slice);
        }

        _published.Set();
    }

    /// <summary>What has been published is still to be applied; nothing more comes.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }

        _published.Set();
    }

    /// <summary>A new connection.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            foreach (ReceivedSlice slice in _slices)
            {
                if (slice.IsLastOfBlock)
                    _free.Push(slice.Block);
            }

            _slices.Clear();
            _ended = false;
        }
    }

    /// <summary>The next slice. One thread.</summary>
    /// <returns>False after <paramref name="patience"/> without one, or when <see cref="HasEnded"/>.</returns>
    public bool TryTake(TimeSpan patience, out ReceivedSlice slice)
    {
        lock (_gate)
        {
            if (_slices.TryDequeue(out slice) || _ended)
                return slice.Block is not null;
        }

        _published.Wait((int)patience.TotalMilliseconds);
        lock (_gate)
            return _slices.TryDequeue(out slice);
    }

    /// <summary>Everything that was published has been taken, and nothing more comes.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate)
                return _ended && _slices.Count == 0;
        }
    }

    public void Release(byte[] block)
    {
        lock (_gate)
        {
            _free.Push(block);
            while (_slices.Count == 0 && _allocated > BlocksKept && _free.TryPop(out _))
                _allocated--;
            Monitor.PulseAll(_gate);
        }
    }
}
