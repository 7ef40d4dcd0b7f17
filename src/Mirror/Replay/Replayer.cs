using SafeKit.Core.Native;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Replay;

/// <summary>
/// Applies operations to the trees of this node, in the order of the stream. One thread. After a failure nothing more is applied until
/// <see cref="Forget"/>.
/// </summary>
internal sealed class Replayer : IDisposable
{
    private readonly ReplayTree[] _trees;
    private readonly IReplayAnswers _answers;
    private ReplayTree? _present;
    private bool _isMarked;

    /// <exception cref="Core.SafeKitException">A directory cannot be opened.</exception>
    public Replayer(IReadOnlyList<ReplayRoot> roots, IReplayAnswers answers)
    {
        _answers = answers;
        _trees = new ReplayTree[roots.Count];
        try
        {
            for (int i = 0; i < _trees.Length; i++)
                _trees[i] = new ReplayTree((byte)i, roots[i]);
        }
        catch (ReplayException e)
        {
            Dispose();
            throw new Core.SafeKitException($"{e.Message}. The replicated directory must exist on both nodes.", e);
        }
    }

    /// <summary>Last operation applied; 0: none in this epoch.</summary>
    public ulong Applied { get; private set; }

    /// <summary>What was changed here since the last checkpoints.</summary>
    public AppliedMarks Marks { get; } = new();

    public long FilesKnown => _trees.Sum(t => (long)t.FilesKnown);

    /// <summary>The map of file ids begins empty, and what was marked with it counts no more.</summary>
    public void Forget()
    {
        foreach (ReplayTree tree in _trees)
            tree.Forget();
        Marks.Clear();
        Applied = 0;
    }

    /// <summary>Operations from <paramref name="first"/> on follow. Where that is the next one anyway, whatever was going on is carried on.</summary>
    /// <param name="kind">A survey is going to list every directory, or those that are marked.</param>
    public void Begin(ulong first, ReintegrationKind kind)
    {
        bool surveyed = kind is ReintegrationKind.Survey or ReintegrationKind.Full or ReintegrationKind.Marked;
        _isMarked = kind == ReintegrationKind.Marked;
        bool carriesOn = first == Applied + 1;
        Applied = first - 1;
        foreach (ReplayTree tree in _trees)
        {
            if (!carriesOn || surveyed)
                tree.BeginAnew(surveyed);
        }
    }

    /// <summary>Applies the next operation.</summary>
    /// <exception cref="ReplayException">It cannot be applied.</exception>
    public void Apply(in Operation operation)
    {
        OperationHeader header = operation.Header;
        _present = null;
        if (header.Sequence != Applied + 1)
            throw new ReplayException($"operation {header.Sequence} after {Applied}");
        if (!ApplyToAll(operation))
        {
            ReplayTree tree = header.Tree < _trees.Length
                ? _trees[header.Tree]
                : throw new ReplayException($"an operation on directory {header.Tree} of {_trees.Length}");
            _present = tree;
            tree.HasChanged = false;
            if (header.Flags.HasFlag(OperationFlags.Verify))
                Compare(tree, operation);
            else if (tree.IsSurveyed)
                ChangeSurveyed(tree, operation);
            else
                Change(tree, operation);
        }

        Applied = header.Sequence;
    }

    /// <summary>Whether the operation that failed has changed something before.</summary>
    public bool IsHalfApplied => _present is { HasChanged: true };

    /// <summary>Sets the modification times that are still outstanding.</summary>
    public void Settle()
    {
        foreach (ReplayTree tree in _trees)
            tree.SettleTimes();
    }

    /// <summary>Everything applied onto the disk (syncfs(2)). Any thread, while the replayer lives.</summary>
    /// <exception cref="ReplayException">The disk refused.</exception>
    public void SyncAll()
    {
        for (byte i = 0; i < _trees.Length; i++)
            SyncTree(i);
    }

    /// <summary>As <see cref="SyncAll"/>, of one tree.</summary>
    public void SyncTree(byte tree)
    {
        if (LibC.syncfs(_trees[tree].SyncDescriptor) != 0)
            throw new ReplayException($"syncfs of directory {tree}", Errno.Last);
    }

    public void Dispose()
    {
        foreach (ReplayTree? tree in _trees)
            tree?.Dispose();
    }

    /// <summary>Operations that belong to no single tree. False for the others.</summary>
    private bool ApplyToAll(in Operation operation)
    {
        switch (operation.Header.Kind)
        {
            case OperationKind.Ping:
                return true;
            case OperationKind.Leave:
                Settle();
                return true;
            case OperationKind.Checkpoint:
                Settle();
                _answers.CheckpointAsked(operation.Header.Sequence);
                return true;
            case OperationKind.VerifyEnd:
                _answers.Verified(operation.Header);
                return true;
            case OperationKind.ReintegrationEnd:
                if (!GenerationRecordJson.TryRead(operation.Data, out GenerationRecord record) || record.Standing != DataStanding.Paired)
                    throw new ReplayException("the end of a reintegration without a sound record");
                Settle();
                foreach (ReplayTree tree in _trees)
                    tree.EndSurvey(mustBeFilled: _isMarked);
                _answers.ReintegrationEnded(record);
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// While a survey goes on, a file may have lost its last name here that has another on the primary, in a directory that is listed later:
    /// its content comes with that. Until then nothing can be done to it.
    /// </summary>
    private void ChangeSurveyed(ReplayTree tree, in Operation operation)
    {
        try
        {
            Change(tree, operation);
        }
        catch (ReplayException e) when (e.Errno == Errno.ESTALE && IsAboutContent(operation.Header.Kind))
        {
            if (operation.Header.Kind == OperationKind.Digest)
                _answers.Compared(operation.Header, equal: true);
        }
    }

    private static bool IsAboutContent(OperationKind kind) => kind
        is OperationKind.Write
        or OperationKind.Allocate
        or OperationKind.Hole
        or OperationKind.SetAttributes
        or OperationKind.SetXattr
        or OperationKind.RemoveXattr
        or OperationKind.Attributes
        or OperationKind.Digest;

    private void Change(ReplayTree tree, in Operation operation)
    {
        OperationHeader header = operation.Header;
        if (Marks.IsActive)
            tree.Mark(Marks.SinceNewer, header, operation.Data.Length);
        switch (header.Kind)
        {
            case OperationKind.Introduce:
                tree.Introduce(operation);
                break;
            case OperationKind.Create:
                tree.Create(operation);
                if (Marks.IsActive)
                    tree.MarkCreated(Marks.SinceNewer, header.File);
                break;
            case OperationKind.Link:
                tree.Link(operation);
                break;
            case OperationKind.Unlink:
                tree.Unlink(operation);
                break;
            case OperationKind.RemoveDirectory:
                tree.RemoveDirectory(operation);
                break;
            case OperationKind.Rename:
                tree.Rename(operation);
                break;
            case OperationKind.Write:
                tree.Write(operation);
                break;
            case OperationKind.SetAttributes:
                tree.SetAttributes(header);
                break;
            case OperationKind.SetXattr:
                tree.SetXattr(operation);
                break;
            case OperationKind.RemoveXattr:
                tree.RemoveXattr(operation);
                break;
            case OperationKind.Allocate:
                tree.Allocate(header);
                break;
            case OperationKind.Sync or OperationKind.SyncTree:
                ReachBarrier(tree, header);
                return;
            default:
                Survey(tree, operation);
                break;
        }

        tree.RememberTimes(header);
    }

    private void Survey(ReplayTree tree, in Operation operation)
    {
        OperationHeader header = operation.Header;
        switch (header.Kind)
        {
            case OperationKind.Listing:
                MakeListing(tree, operation);
                break;
            case OperationKind.Attributes:
                tree.MakeAttributes(operation);
                break;
            case OperationKind.Digest:
                _answers.Compared(header, tree.HasDigest(operation));
                break;
            case OperationKind.Hole:
                tree.MakeHole(header);
                break;
            default:
                throw new ReplayException($"an operation of kind {(ushort)header.Kind}, which does not belong into a stream");
        }
    }

    /// <summary>Where only what is marked is compared, the primary does not know what is missing here before it is told.</summary>
    private void MakeListing(ReplayTree tree, in Operation operation)
    {
        OperationHeader header = operation.Header;
        foreach (ulong made in tree.MakeListing(operation))
        {
            if (_isMarked)
                _answers.Missing(header, made);
        }

        if (_isMarked && !header.Flags.HasFlag(OperationFlags.More))
            _answers.Listed(header);
    }

    private void Compare(ReplayTree tree, in Operation operation)
    {
        OperationHeader header = operation.Header;
        tree.SettleTimes();
        switch (header.Kind)
        {
            case OperationKind.Listing when tree.Knows(header.File):
                tree.CompareListing(operation, _answers.Differs);
                break;
            case OperationKind.Attributes when tree.Knows(header.File):
                tree.CompareAttributes(operation, _answers.Differs);
                break;
            case OperationKind.Digest:
                CompareContent(tree, operation);
                break;
            case OperationKind.Listing or OperationKind.Attributes:
                break;
            default:
                throw new ReplayException($"a verification with an operation of kind {(ushort)header.Kind}");
        }
    }

    /// <summary>Answered always, because the answers pace the verification; what is missing here was counted with its directory.</summary>
    private void CompareContent(ReplayTree tree, in Operation operation)
    {
        OperationHeader header = operation.Header;
        if (tree.Knows(header.File) && !tree.HasDigest(operation))
            _answers.Differs(tree.DescribeRange(header));
        _answers.Compared(header, equal: true);
    }

    private void ReachBarrier(ReplayTree tree, in OperationHeader header)
    {
        bool whole = header.Kind == OperationKind.SyncTree;
        if (!whole)
            tree.RefuseUnknown(header.File);
        if (!_answers.SyncsBarriers)
            return;
        if (whole)
            tree.SettleTimes();
        else if (!header.Flags.HasFlag(OperationFlags.DataOnly))
            tree.SettleTimes(header.File);
        ulong ownInode = 0;
        int descriptor = whole ? -1 : tree.OpenForSync(header.File, out ownInode);
        _answers.Barrier(header, descriptor, ownInode);
    }
}
