using SafeKit.Mirror.Fuse;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.FileSystem;

/// <content>What is told to the recorder, and who waits for it.</content>
public sealed partial class MountedTree
{
    /// <summary>
    /// Stands for the number of what a survey has not reached, or what no name was known for: the smallest number, so that it is acknowledged as
    /// soon as anything is.
    /// </summary>
    private const ulong NotRecorded = 1;

    private const string UnrecordedChange = "a change was made and could not be recorded";

    /// <summary>
    /// Before a change of content or attributes, inside the gate and outside of locks: introduces the file where this epoch has not yet.
    /// </summary>
    /// <param name="range">Of the content; empty: none of it.</param>
    private void PrepareContent(Inode inode, ByteRange range = default)
    {
        LogContent(inode, range);
        PrepareRecord(inode);
    }

    /// <summary>The same where nothing is going to change.</summary>
    private void PrepareRecord(Inode inode)
    {
        MarkContent(inode);
        if (_recorder.Introduction != Introduction.WhenFirstNamed || IsIntroduced(inode) || inode.Nameless || IsExcluded(inode))
            return;
        lock (_namespace)
            Introduce(inode);
    }

    /// <summary>
    /// Whether a change of this inode is recorded. Asked under its lock: what a survey sees afterwards contains the change otherwise.
    /// </summary>
    private bool IsRecorded(Inode inode) => _recorder.Introduction switch
    {
        Introduction.None => false,
        Introduction.BySurvey => !inode.Nameless && IsKnownToPeer(inode) && !IsExcluded(inode),
        _ => !inode.Nameless && IsIntroduced(inode) && !IsExcluded(inode),
    };

    /// <summary>The same, with what the file is like after the change; where that cannot be read, the epoch is given up.</summary>
    private bool IsRecordable(Inode inode, int descriptor, out Statx status)
    {
        status = default;
        if (!IsRecorded(inode))
            return false;
        if (Lower.Status(descriptor, out status) == 0)
            return true;
        _recorder.GiveUpEpoch(UnrecordedChange);
        return false;
    }

    /// <summary>
    /// Whether a change of this name is recorded; asked under the namespace lock, which orders it with the listings of a survey. Introduces the
    /// directory where that is the way.
    /// </summary>
    private bool IsNameRecorded(Inode parent, int directory, ReadOnlySpan<byte> name, bool isDirectory)
    {
        if (_recorder.Introduction == Introduction.None || IsExcluded(directory, name, isDirectory))
            return false;
        MarkDirectory(parent);
        LogDirectory(parent);
        return _recorder.Introduction == Introduction.BySurvey ? _recorder.IsListed(Index, parent.Number) : Introduce(parent);
    }

    private bool IsIntroduced(Inode inode) => inode.Number == FileId.Root || inode.IntroducedEpoch == _recorder.Epoch;

    private bool IsKnownToPeer(Inode inode) => inode.Number == FileId.Root || _recorder.IsIntroduced(Index, inode.Number);

    /// <summary>
    /// Introduces an inode and the directories above it, under the namespace lock. False where no name is known by which it could be.
    /// </summary>
    private bool Introduce(Inode inode)
    {
        if (IsIntroduced(inode))
            return true;
        if (inode.Nameless)
            return false;
        if (IntroduceByName(inode))
            return true;
        _recorder.GiveUpEpoch($"a file changes of which no name is known (inode {inode.Number} of directory {Index})");
        return false;
    }

    private bool IntroduceByName(Inode inode)
    {
        if (IsIntroduced(inode))
            return true;
        for (int i = 0; _names.TryGet(inode, i, out InodeName name); i++)
        {
            if (_inodes.Find(name.Parent) is not { } parent || !IntroduceByName(parent))
                continue;
            AppendIntroduction(inode, parent, name.Name);
            return true;
        }
        return false;
    }

    private void AppendIntroduction(Inode inode, Inode parent, ReadOnlySpan<byte> name)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Introduce, Index, inode.Number);
        header.Parent = parent.Number;
        _recorder.Append(ref header, inode.Handle, name, [], []);
        inode.IntroducedEpoch = _recorder.Epoch;
    }

    /// <summary>Appends under the inode's lock, and remembers it for the one who closes the file.</summary>
    private ulong AppendContentChange(Inode inode, ref OperationHeader header, ReadOnlySpan<byte> data, ReadOnlySpan<byte> name = default)
    {
        ulong sequence = _recorder.Append(ref header, inode.Handle, name, [], data);
        if (sequence == 0)
            return 0;
        inode.ChangedEpoch = _recorder.Epoch;
        inode.ChangedSequence = sequence;
        return sequence;
    }

    /// <summary>
    /// Under the inode's lock, after a change that was not recorded: what the caller waits for. While the nodes' decision is open it is held with
    /// the others, for the other node may still believe that it has everything.
    /// </summary>
    /// <param name="changed">Which of its content.</param>
    private ulong ContentNotRecorded(Inode inode, ByteRange changed = default)
    {
        if (!IsReplicated(inode))
            return 0;
        if (_recorder.MarkSerial != 0)
            _recorder.MarkRange(Index, inode.Number, inode.Handle, changed.Start, changed.End);
        if (inode.ChangedEpoch != _recorder.Epoch)
        {
            inode.ChangedEpoch = _recorder.Epoch;
            inode.ChangedSequence = NotRecorded;
        }
        return NotRecorded;
    }

    /// <summary>The same for a change of a name.</summary>
    private ulong NameNotRecorded(int directory, ReadOnlySpan<byte> name, bool isDirectory) =>
        _recorder.Introduction != Introduction.None && !IsExcluded(directory, name, isDirectory) ? NotRecorded : 0;

    private bool IsReplicated(Inode inode) =>
        _recorder.Introduction != Introduction.None && !inode.Nameless && !IsExcluded(inode);

    /// <summary>The prepared reply waits for the other node, where the policy says so; inside the gate, outside of locks.</summary>
    /// <param name="sequence">Of what was recorded; 0: nothing.</param>
    /// <param name="atClose">It is one of those that wait with <see cref="WaitPolicy.Close"/>.</param>
    private void Conclude(FuseRequest request, ulong sequence, bool atClose = false)
    {
        if (sequence == 0 || !(_settings.Wait == WaitPolicy.All || (atClose && _settings.Wait == WaitPolicy.Close)))
            return;
        PendingReply reply = _pending.Take(request, parts: 1);
        _recorder.WhenAcknowledged(sequence, Acknowledgement.Received, reply);
    }

    /// <summary>Entered and left around every change of names: takes the namespace lock, and makes lookups under way look again.</summary>
    private NamespaceChange ChangeNames() => new(_namespace, _names);

    private ulong RecordCreation(Inode inode, Inode parent, int directory, ReadOnlySpan<byte> name, in Statx status, ReadOnlySpan<byte> target)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Create, Index, inode.Number);
        header.MtimeNs = status.MtimeNs;
        header.Parent = parent.Number;
        header.ParentMtimeNs = Lower.MtimeNs(directory);
        header.Mode = status.Mode;
        header.UserId = status.UserId;
        header.GroupId = status.GroupId;
        header.Device = status.Rdev;
        ulong sequence = _recorder.Append(ref header, inode.Handle, name, [], target);
        inode.IntroducedEpoch = _recorder.Epoch;
        if (_recorder.Introduction == Introduction.BySurvey && inode.IsDirectory)
            _recorder.Appeared(Index, new SurveyedFile(inode.Number, inode.Handle, status.Mode, (long)status.Size, status.Links));
        return sequence;
    }
}
