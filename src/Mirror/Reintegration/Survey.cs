using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Reintegration;

/// <summary>
/// Walks through all trees: lists each directory, sends the attributes of each file, and compares contents by digest, or sends them where
/// everything is to be copied; or only what is marked as changed, see the marked part. A file with
/// several names is handled once. A verification is the same walk with another flag: the other node counts what differs, and nothing is introduced.
/// </summary>
internal sealed partial class Survey
{
    private const uint TypeMask = 0xF000;
    private const uint RegularFile = 0x8000;
    private const uint DirectoryType = 0x4000;

    private readonly ReintegrationContext _context;
    private readonly SurveyWork _work;
    private readonly OperationFlags _flags;
    private readonly bool _copiesAll;
    private readonly List<(byte Tree, SurveyedFile File)> _directories = [];

    /// <summary>A verification's own: what it has come across.</summary>
    private readonly FileIdSet _seen = new();

    public Survey(ReintegrationContext context, OperationFlags flags, bool copiesAll, bool isMarked)
    {
        _context = context;
        _flags = flags;
        _copiesAll = copiesAll;
        _isMarked = isMarked;
        _work = new SurveyWork(context.Cancel);
    }

    public bool IsComplete => _work.IsComplete;

    private bool IsVerification => _flags.HasFlag(OperationFlags.Verify);

    private ChangeRecorder Recorder => _context.Recorder;

    /// <summary>Ends when everything is in the stream. Changes go on meanwhile: what they bring up is handled too.</summary>
    public void Run()
    {
        foreach ((byte tree, SurveyedFile directory) in _isMarked ? Recorder.MarkedDirectories() : [])
            FindMarked(tree, directory);
        foreach (IReplicatedTree tree in _isMarked ? [] : _context.Trees)
            Find(tree.Index, new SurveyedFile(FileId.Root, default, DirectoryType));
        Continue();
    }

    /// <summary>Handles what has been found since.</summary>
    public void Continue()
    {
        _context.InParallel(IsVerification ? "verification" : "survey", Work);

        // Whatever is made in a directory changes its times: they are set when nothing is made in it any more but by changes, which bring their own.
        foreach ((byte tree, SurveyedFile directory) in _directories)
            SendAttributes(tree, directory);
        _directories.Clear();
    }

    /// <summary>A file that is to be handled; called under a tree's locks too.</summary>
    public void Find(byte tree, SurveyedFile file)
    {
        if (_isMarked)
            _whole.Add(tree, file.File);
        _context.Progress.Know(1, IsRegular(file) ? file.Size : 0);
        _work.Found(tree, file);
    }

    /// <summary>The other node's answer to a digest.</summary>
    public void Answered(byte tree, ulong file, long offset, int length, bool isNeeded)
    {
        SurveyItem? done = _work.Answered(tree, file, offset, length, isNeeded);
        if (!isNeeded)
            _context.Progress.Pass(length);
        if (done is not null)
            _context.Progress.FileDone();
    }

    private static bool IsRegular(SurveyedFile file) => (file.Mode & TypeMask) == RegularFile;

    private void Work()
    {
        while (_work.TryTake(out (byte Tree, SurveyedFile File) found, out (SurveyItem? Item, long Offset, int Length) asked))
        {
            try
            {
                if (asked.Item is not null)
                    Copy(asked.Item, asked.Offset, asked.Length);
                else
                    Handle(found.Tree, found.File);
            }
            finally
            {
                _work.Done();
            }
        }
    }

    private void Handle(byte tree, SurveyedFile file)
    {
        if ((file.Mode & TypeMask) == DirectoryType)
        {
            if (_isMarked)
                ListMarked(tree, file);
            else
                List(tree, file);
            _context.Progress.FileDone();
            return;
        }

        bool exists = SendAttributes(tree, file);
        if (exists && IsRegular(file))
            HandleContent(tree, file);
        else
            _context.Progress.FileDone();
    }

    private void List(byte tree, SurveyedFile directory)
    {
        if (_isMarked)
            _work.BeginListing();
        bool exists = _context.Inside(() => _context.Trees[tree].AppendListing(directory, _flags, entries =>
        {
            // Under the namespace lock still: no change comes between the listing and its being known.
            if (!IsVerification)
                Recorder.MarkListed(tree, directory.File);
            foreach (SurveyedFile entry in entries)
            {
                if (_isMarked)
                    MeetEntry(tree, directory, entry);
                else if (IsVerification ? _seen.Add(tree, entry.File) : Recorder.MarkIntroduced(tree, entry.File))
                    Find(tree, entry);
            }
        }));
        if (!exists)
        {
            _work.EndListing();
            return;
        }

        lock (_directories)
            _directories.Add((tree, directory));
    }

    private bool SendAttributes(byte tree, SurveyedFile file) => _context.Inside(() => _context.Trees[tree].AppendAttributes(file, _flags));

    private void HandleContent(byte tree, SurveyedFile file)
    {
        if (_copiesAll)
        {
            CopyAll(tree, file);
            _context.Progress.FileDone();
            return;
        }

        if (_work.Begin(tree, file) is not { } item)
            return;
        foreach (ByteRange range in RangesToCompare(tree, file))
            Ask(item, range);
        if (_work.AllAsked(item))
            _context.Progress.FileDone();
    }

    private void Ask(SurveyItem item, ByteRange range)
    {
        ContentPiece asked = default;
        for (long offset = range.Start; !asked.ReachesEnd && offset < range.End; offset += asked.Bytes)
        {
            _work.AwaitTurn(item);
            int length = (int)Math.Min(ReintegrationContext.PieceBytes, range.End - offset);
            asked = _context.Inside(() => _context.Trees[item.Tree].AppendDigest(item.File, offset, length, _flags));
            if (asked.Bytes <= 0)
            {
                _work.GiveTurnBack(item);
                return;
            }

            _context.Progress.Compare(asked.Bytes);
        }
    }

    private void CopyAll(byte tree, SurveyedFile file)
    {
        _context.CopyRange(tree, file, 0, long.MaxValue);
        SendAttributes(tree, file);
    }

    private void Copy(SurveyItem item, long offset, int length)
    {
        if (length > 0)
            _context.CopyRange(item.Tree, item.File, offset, length);
        else
            SendAttributes(item.Tree, item.File);

        if (_work.Copied(item))
            _context.Progress.FileDone();
    }
}
