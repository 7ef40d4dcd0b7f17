using SafeKit.Mirror.FileSystem;

namespace SafeKit.Mirror.Reintegration;

/// <summary>
/// What a survey has still to do, shared by its threads: files and directories found and not handled, pieces of content asked for. Ends when
/// there is nothing left and nobody is
/// at work who could find more.
/// </summary>
internal sealed class SurveyWork(CancellationToken cancel)
{
    /// <summary>Digests under way: enough to keep both disks busy, few enough that a barrier behind them does not wait long.</summary>
    private const int UnansweredMax = 48;

    /// <summary>A thread looks so often whether the connection has ended.</summary>
    private const int LookMs = 100;

    private readonly object _lock = new();

    /// <summary>
    /// So many files may wait for their content to be compared while the walk goes on: it is memory. The sooner all names are listed, the less often
    /// something moves to where the survey has not been, which begins it anew.
    /// </summary>
    private const int FilesWaitingMax = 100_000;

    private const uint TypeMask = 0xF000;
    private const uint DirectoryType = 0x4000;

    /// <summary>The newest first: a walk into the depth holds fewer entries than one by levels.</summary>
    private readonly Stack<(byte Tree, SurveyedFile File)> _foundDirectories = new();
    private readonly Stack<(byte Tree, SurveyedFile File)> _foundFiles = new();
    private readonly Queue<(SurveyItem Item, long Offset, int Length)> _asked = new();
    private readonly Dictionary<(byte Tree, ulong File), SurveyItem> _items = [];
    private int _atWork;
    private int _unanswered;
    private int _listings;

    public bool IsComplete
    {
        get
        {
            lock (_lock)
                return IsIdle;
        }
    }

    private bool IsIdle => _foundDirectories.Count == 0 && _foundFiles.Count == 0
        && _asked.Count == 0 && _unanswered == 0 && _listings == 0 && _atWork == 0 && _items.Count == 0;

    public void Found(byte tree, SurveyedFile file)
    {
        lock (_lock)
        {
            ((file.Mode & TypeMask) == DirectoryType ? _foundDirectories : _foundFiles).Push((tree, file));
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>
    /// The next thing to do; a piece of no length stands for the attributes that follow the content. What was asked for goes before what was
    /// found, for the other node waits for it; directories go before files.
    /// </summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="OperationCanceledException">The connection has ended.</exception>
    public bool TryTake(out (byte Tree, SurveyedFile File) found, out (SurveyItem? Item, long Offset, int Length) asked)
    {
        lock (_lock)
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                found = default;
                asked = default;
                if (_asked.TryDequeue(out (SurveyItem Item, long Offset, int Length) next))
                {
                    asked = next;
                    _atWork++;
                    return true;
                }

                if (TryPop(out found))
                {
                    _atWork++;
                    return true;
                }

                if (IsIdle)
                    return false;
                Monitor.Wait(_lock, LookMs);
            }
        }
    }

    public void Done()
    {
        lock (_lock)
        {
            _atWork--;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>
    /// The content of a file is going to be compared. Null where its number stood for another file whose comparison has not ended: this one is
    /// found again after that.
    /// </summary>
    public SurveyItem? Begin(byte tree, SurveyedFile file)
    {
        lock (_lock)
        {
            if (!_items.TryGetValue((tree, file.File), out SurveyItem? item))
            {
                item = new SurveyItem(tree, file);
                _items.Add((tree, file.File), item);
            }
            else if (item.File.Handle.Type != file.Handle.Type || !item.File.Handle.Value.SequenceEqual(file.Handle.Value))
            {
                item.Successors.Add(file);
                return null;
            }

            item.Askers++;
            return item;
        }
    }

    /// <summary>A listing is going to be sent that the other node answers.</summary>
    public void BeginListing()
    {
        lock (_lock)
            _listings++;
    }

    /// <summary>It is answered, or was not sent. What nobody asked about is ignored.</summary>
    public void EndListing()
    {
        lock (_lock)
        {
            _listings = Math.Max(0, _listings - 1);
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until another digest may be sent.</summary>
    public void AwaitTurn(SurveyItem item)
    {
        lock (_lock)
        {
            while (_unanswered >= UnansweredMax)
            {
                cancel.ThrowIfCancellationRequested();
                Monitor.Wait(_lock, LookMs);
            }

            _unanswered++;
            item.Unanswered++;
        }
    }

    /// <summary>The digest for which the turn was awaited was not sent.</summary>
    public void GiveTurnBack(SurveyItem item)
    {
        lock (_lock)
        {
            _unanswered--;
            item.Unanswered--;
            Monitor.PulseAll(_lock);
        }
    }

    /// <returns>Whether nothing is left to do for the file.</returns>
    public bool AllAsked(SurveyItem item)
    {
        lock (_lock)
        {
            item.Askers--;
            return RemoveIfDone(item);
        }
    }

    /// <summary>The other node has compared a piece. What nobody asked about is ignored.</summary>
    /// <returns>The file, where nothing is left to do for it.</returns>
    public SurveyItem? Answered(byte tree, ulong file, long offset, int length, bool isNeeded)
    {
        lock (_lock)
        {
            if (!_items.TryGetValue((tree, file), out SurveyItem? item) || item.Unanswered == 0)
                return null;
            _unanswered--;
            item.Unanswered--;
            if (isNeeded)
            {
                item.Uncopied++;
                item.HasDiffered = true;
                _asked.Enqueue((item, offset, length));
            }

            Monitor.PulseAll(_lock);
            return RemoveIfDone(item) ? item : null;
        }
    }

    /// <returns>Whether nothing is left to do for the file.</returns>
    public bool Copied(SurveyItem item)
    {
        lock (_lock)
        {
            item.Uncopied--;
            return RemoveIfDone(item);
        }
    }

    private bool TryPop(out (byte Tree, SurveyedFile File) found) =>
        (_foundFiles.Count < FilesWaitingMax && _foundDirectories.TryPop(out found))
        || _foundFiles.TryPop(out found)
        || _foundDirectories.TryPop(out found);

    private bool RemoveIfDone(SurveyItem item)
    {
        if (!item.IsDone)
            return false;
        Monitor.PulseAll(_lock);
        if (!item.HasDiffered)
        {
            foreach (SurveyedFile successor in item.Successors)
                _foundFiles.Push((item.Tree, successor));
            return _items.Remove((item.Tree, item.File.File));
        }

        item.HasDiffered = false;
        item.Uncopied = 1;
        _asked.Enqueue((item, 0, 0));
        return false;
    }
}
