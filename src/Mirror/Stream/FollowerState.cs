using SafeKit.Core;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Replay;

namespace SafeKit.Mirror.Stream;

/// <summary>What outlives the connections of a secondary: the trees with the map of file ids, the record, the counters.</summary>
internal sealed partial class FollowerState : IReplayAnswers, IDisposable
{
    private readonly IGenerationStore _store;
    private readonly IReplicatedDataEvents _events;
    private readonly SyncWorkers _workers = new(jobs => jobs[0].Session.Sync(jobs));
    private readonly Lock _recordGate = new();

    /// <summary>An operation was not applied, whatever the record on the disk still says.</summary>
    private volatile bool _isSpoiled;

    /// <summary>This node leads: the record tells of the leader's data.</summary>
    private bool _isRecordGiven;

    private volatile Exception? _lateFailure;

    public FollowerState(
        ReplicatedDataSettings settings, IGenerationStore store, IReplicatedDataEvents events, IReadOnlyList<ReplayRoot> roots)
    {
        Settings = settings;
        _store = store;
        _events = events;
        Replayer = new Replayer(roots, this);
        Queue = new ReceiveQueue(settings.WindowBytes);
        ReadCheckpoint();
    }

    public ReplicatedDataSettings Settings { get; }

    public Replayer Replayer { get; }

    public ReceiveQueue Queue { get; }

    /// <summary>The connection there is; null: none.</summary>
    public FollowerSession? Session { get; set; }

    /// <summary>Epoch whose file ids are known; 0: none. Of the connection's thread.</summary>
    public ulong MapEpoch { get; set; }

    public GenerationRecord Record => _store.Current;

    public bool IsPaired => !_isSpoiled && Record.Standing == DataStanding.Paired;

    /// <summary>What could not be applied last, for people; null: this node was up to date since.</summary>
    public string? Problem { get; set; }

    /// <summary>A reintegration has ended since this node follows.</summary>
    public bool HasReintegrated { get; private set; }

    /// <summary>The disk refused what a connection had applied that is no more; null: it did not.</summary>
    public Exception? LateFailure => _lateFailure;

    public bool SyncsBarriers => Settings.BarrierWaitsForDisk;

    /// <summary>The ids of the primary mean nothing any more.</summary>
    public void ForgetMap()
    {
        Replayer.Forget();
        MapEpoch = 0;
    }

    /// <summary>
    /// Before the first change of a connection. A reintegration goes through states that never were on the primary; and a record that says at
    /// which operation this node left would
    /// be wrong after the next one.
    /// </summary>
    public void MarkBeforeFirstChange(ReintegrationKind kind)
    {
        lock (_recordGate)
        {
            if (kind is ReintegrationKind.Survey or ReintegrationKind.Full)
                ForgetCheckpoint();
            else if (kind != ReintegrationKind.Marked)
                ForgetOwnMarks();
            GenerationRecord record = Record with { Epoch = 0, AppliedSequence = 0, WasPrimary = false };
            if (kind != ReintegrationKind.None)
                record = record with { Standing = DataStanding.Inconsistent };
            if (record != Record)
                _store.Write(record);
        }
    }

    /// <summary>
    /// The primary goes on without this node: what is still on its way on this connection makes nothing up to date any more. False where
    /// this data was not current anyway.
    /// </summary>
    public bool DeclareOutdated()
    {
        lock (_recordGate)
        {
            Session?.Cut();
            if (!IsPaired)
                return false;
            _store.Write(Record with { Standing = DataStanding.Outdated, Epoch = 0, AppliedSequence = 0 });
            return true;
        }
    }

    /// <summary>Everything applied is on the disk: the next reintegration can begin after it, also after a restart.</summary>
    public void RecordPosition()
    {
        lock (_recordGate)
        {
            if (GenerationComparison.IsUsable(Record) && MapEpoch != 0)
                _store.Write(Record with { Epoch = MapEpoch, AppliedSequence = Replayer.Applied });
        }
    }

    /// <summary>
    /// An operation was not applied. What is here is an older state of the primary's data, unless a part of the operation was done.
    /// </summary>
    public void RecordFailure(bool isHalfApplied)
    {
        _isSpoiled = true;
        lock (_recordGate)
        {
            if (_isRecordGiven)
                return;
            ForgetCheckpoint();
            DataStanding standing = isHalfApplied || !GenerationComparison.IsUsable(Record) ? DataStanding.Inconsistent : DataStanding.Outdated;
            if (Record.Standing != standing || Record.Epoch != 0)
                _store.Write(Record with { Standing = standing, Epoch = 0, AppliedSequence = 0 });
        }
    }

    /// <summary>The connection is over, and the disk refuses what it applied: nothing makes this data current but another reintegration.</summary>
    public void FailLate(FollowerSession former, Exception failure)
    {
        _lateFailure = failure;
        string told = $"the disk refused what had been applied: {failure.Message}";
        if (_isRecordGiven)
        {
            // This node leads with data that its disk does not have.
            _events.Failed(told);
            return;
        }

        if (Session is { } present && present != former)
            present.LoseSync(failure);
        try
        {
            RecordFailure(isHalfApplied: true);
        }
        catch (SafeKitException e)
        {
            _events.Failed(e.Message);
        }

        _events.Log("replication", told, critical: true);
    }

    /// <summary>Whether there was a failure of an earlier connection that the next one must know of.</summary>
    public bool TakeLateFailure() => Interlocked.Exchange(ref _lateFailure, null) is not null;

    /// <summary>From here on the record is the leader's.</summary>
    public void GiveRecordAway()
    {
        lock (_recordGate)
            _isRecordGiven = true;
    }

    public void Barrier(in OperationHeader operation, int descriptor, ulong ownInode)
    {
        Session!.BeginJob();
        _workers.Add(new SyncJob(
            Session,
            operation.Sequence,
            operation.Tree,
            ownInode,
            descriptor,
            operation.Flags.HasFlag(OperationFlags.DataOnly),
            operation.Kind == OperationKind.SyncTree));
    }

    /// <summary>All trees onto the disk, by those who may wait for it; asked for by no operation.</summary>
    public void SyncTrees(FollowerSession session)
    {
        for (int i = 0; i < Settings.Directories.Count; i++)
        {
            session.BeginJob();
            _workers.Add(new SyncJob(session, 0, (byte)i, 0, -1, IsDataOnly: false, IsWholeTree: true));
        }
    }

    public void Compared(in OperationHeader operation, bool equal) => Session!.TryGather(new AnswerHeader
    {
        Kind = equal ? AnswerKind.HasRange : AnswerKind.NeedRange,
        Tree = operation.Tree,
        File = operation.File,
        First = operation.Offset,
        Second = operation.Length,
    });

    public void Missing(in OperationHeader listing, ulong file) => Session!.TryGather(new AnswerHeader
    {
        Kind = AnswerKind.NeedFile,
        Tree = listing.Tree,
        File = file,
        First = (long)listing.File,
    });

    public void Listed(in OperationHeader listing) =>
        Session!.TryGather(new AnswerHeader { Kind = AnswerKind.Listed, Tree = listing.Tree, File = listing.File });

    public void ReintegrationEnded(GenerationRecord record)
    {
        Replayer.SyncAll();
        lock (_recordGate)
        {
            // Declared outdated meanwhile: the primary has gone on, and this connection no longer makes the data current.
            if (Session!.IsCut)
                return;
            var end = new Checkpoint(MapEpoch, Replayer.Applied + 1);
            KeepCheckpoint(end);
            Replayer.Marks.Paired(end);
            _store.Write(record with { WasPrimary = false, Epoch = 0, AppliedSequence = 0 });
            _isSpoiled = false;
            HasReintegrated = Session.HasReintegrated = true;
        }

        Problem = null;
        Session.TrySend(new AnswerHeader { Kind = AnswerKind.UpToDate });
        EndReintegration();
        _events.UpToDate();
    }

    public void CheckpointAsked(ulong sequence)
    {
        Replayer.Marks.Ask(new Checkpoint(MapEpoch, sequence));
        Session!.BeginJob();
        _workers.Add(new SyncJob(Session, sequence, 0, 0, -1, IsDataOnly: false, IsWholeTree: true, CheckpointEpoch: MapEpoch));
    }

    public void Dispose()
    {
        _workers.Dispose();
        Replayer.Dispose();
    }
}
