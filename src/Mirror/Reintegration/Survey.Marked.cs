using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Reintegration;

/// <summary>
/// Only what has changed since a checkpoint of the other node: the marked directories are listed, and of what is found in them the marked files are
/// compared. What is not marked has the same names and the same content on both nodes, so a path through it needs nothing but to be introduced.
/// <para>
/// As in a survey of everything, a change of what has not been introduced or listed yet is not recorded. Here it is marked instead, before it is
/// made, and its directory is found (<see cref="FindMarked"/>); so it is met later, or the directory has been listed and it is recorded.
/// </para>
/// </summary>
internal sealed partial class Survey
{
    private static readonly ByteRange[] _everything = [new(0, ByteRange.ToTheEnd)];

    private readonly bool _isMarked;

    /// <summary>What has to be compared whole, with everything in it: the other node cannot have it.</summary>
    private readonly FileIdSet _whole = new();

    /// <summary>Of directories whose listing the other node has not answered: what would be handled if it was missing there.</summary>
    private readonly Dictionary<(byte Tree, ulong Directory), Dictionary<ulong, SurveyedFile>> _met = [];

    /// <summary>What was missing there, and is not known here yet.</summary>
    private readonly HashSet<(byte Tree, ulong File)> _missing = [];

    /// <summary>The other node has the names of a directory now, and has asked for what was missing.</summary>
    public void Listed(byte tree, ulong directory)
    {
        lock (_met)
            _met.Remove((tree, directory));
        _work.EndListing();
    }

    /// <summary>The other node did not have a file that was listed: nobody has marked it, for it was removed or moved there.</summary>
    public void Missing(byte tree, ulong directory, ulong file)
    {
        SurveyedFile met;
        lock (_met)
        {
            if (!_met.TryGetValue((tree, directory), out Dictionary<ulong, SurveyedFile>? entries) || !entries.Remove(file, out met))
            {
                _missing.Add((tree, file));
                return;
            }
        }

        Find(tree, met);
    }

    /// <returns>Whether the other node has said already that it was missing.</returns>
    private bool Meet(byte tree, ulong directory, in SurveyedFile entry)
    {
        lock (_met)
        {
            if (_missing.Remove((tree, entry.File)))
                return true;
            if (!_met.TryGetValue((tree, directory), out Dictionary<ulong, SurveyedFile>? entries))
                _met[(tree, directory)] = entries = [];
            entries[entry.File] = entry;
            return false;
        }
    }

    /// <summary>A marked directory; called under a tree's locks too.</summary>
    public void FindMarked(byte tree, SurveyedFile directory)
    {
        _context.Progress.Know(1, 0);
        _work.Found(tree, directory);
    }

    private void ListMarked(byte tree, SurveyedFile directory)
    {
        if (_whole.Contains(tree, directory.File))
        {
            List(tree, directory);
            return;
        }

        PathStep step;
        do
        {
            SurveyedFile first = default;
            step = _context.Inside(() => _context.Trees[tree].AppendPath(directory, above => IsToBeListed(tree, above), out first));
            if (step == PathStep.ListFirst)
                List(tree, first);
        }
        while (step == PathStep.ListFirst);
        if (step == PathStep.Known && !Recorder.IsListed(tree, directory.File))
            List(tree, directory);
    }

    private bool IsToBeListed(byte tree, ulong directory) => Recorder.IsMarkedDirectory(tree, directory) && !Recorder.IsListed(tree, directory);

    /// <summary>An entry of a directory that is being listed, under the namespace lock.</summary>
    private void MeetEntry(byte tree, SurveyedFile directory, SurveyedFile entry)
    {
        // One of its names went on the other node, and may have been the last one there.
        bool isWhole = Recorder.HasDeparted(tree, entry.File) || _whole.Contains(tree, directory.File);
        if (!Recorder.MarkIntroduced(tree, entry.File))
            return;
        if (isWhole || Meet(tree, directory.File, entry))
        {
            Find(tree, entry);
            return;
        }

        // Directories that are marked have been found already.
        bool isDirectory = (entry.Mode & TypeMask) == DirectoryType;
        if (isDirectory || Recorder.MarkedRanges(tree, entry) is not { } ranges)
            return;
        _context.Progress.Know(1, IsRegular(entry) ? BytesOf(ranges, entry.Size) : 0);
        _work.Found(tree, entry);
    }

    /// <summary>Asked after the file's lock was held once since it was introduced: what is changed since then is recorded.</summary>
    private ByteRange[] RangesToCompare(byte tree, SurveyedFile file) =>
        !_isMarked || _whole.Contains(tree, file.File) ? _everything : Recorder.MarkedRanges(tree, file) ?? [];

    private static long BytesOf(ByteRange[] ranges, long sizeBytes)
    {
        long bytes = 0;
        foreach (ByteRange range in ranges)
            bytes += Math.Max(0, Math.Min(range.End, sizeBytes) - range.Start);
        return bytes;
    }
}
