using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Replay;

namespace SafeKit.Mirror.Stream;

/// <summary>What outlives the connections of a secondary: the trees with the map of file ids, the record, the counters.</summary>
internal sealed partial class FollowerState : IReplayAnswers, IDisposable
{
    private readonly IGenerationStore _store;
    private readonly IReplicatedDataEvents _events;
    private readonly SyncWorkers _workers = new();
    private readonly Lock _recordGate = new();

    /// <summary>An operation was not applied, whatever the record on the disk still says.</summary>
    private volatile bool _isSpoiled;

    public FollowerState(
        ReplicatedDataSettings settings, IGenerationStore store, IReplicatedDataEvents events, IReadOnlyList<ReplayRoot> roots)
    {
        Settings = settings;
        _store = store;
        _events = events;
        Replayer = new Replayer(roots, this);
    }

    public ReplicatedDataSettings Settings { get; }

    public Replayer Replayer { get; }

    public ReceiveQueue Queue { get; } = new();

    /// <summary>The connection there is; null: none.</summary>
    public FollowerSession? Session { get; set; }

    /// <summary>Epoch whose file ids are known; 0: none. Of the connection's thread.</summary>
    public ulong MapEpoch { get; set; }

    public GenerationRecord Record => _store.Current;

    public bool IsPaired => !_isSpoiled && Record.Standing == DataStanding.Paired;

    public bool SyncsBarriers => Settings.BarrierWaitsForDisk;

    /// <summary>The ids of the primary mean nothing any more.</summary>
    public void ForgetMap()
    {
        Replayer.Forget();
        MapEpoch = 0;
    }

    /// <summary>
    /// Before the first change of a connection. A reintegration goes through states that never were on the primary; and a record that says at which operation this node left would
    /// be wrong after the next one.
    /// </summary>
    public void MarkBeforeFirstChange(ReintegrationKind kind)
    {
        lock (_recordGate)
        {
            GenerationRecord record = Record with { Epoch = 0, AppliedSequence = 0, WasPrimary = false };
            if (kind != ReintegrationKind.None)
                record = record with { Standing = DataStanding.Inconsistent };
            if (record != Record)
                _store.Write(record);
        }
    }

    /// <summary>The primary goes on without this node. False where this data was not current anyway.</summary>
    public bool DeclareOutdated()
    {
        lock (_recordGate)
        {
            if (!IsPaired)
                return false;
            Session?.Cut();
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

    /// <summary>An operation was not applied. What is here is an older state of the primary's data, unless a part of the operation was done.</summary>
    public void RecordFailure(bool isHalfApplied)
    {
        _isSpoiled = true;
        lock (_recordGate)
        {
            DataStanding standing = isHalfApplied || !GenerationComparison.IsUsable(Record) ? DataStanding.Inconsistent : DataStanding.Outdated;
            if (Record.Standing != standing || Record.Epoch != 0)
                _store.Write(Record with { Standing = standing, Epoch = 0, AppliedSequence = 0 });
        }
    }

    public void Barrier(in OperationHeader operation, int descriptor)
    {
        if (!SyncsBarriers)
            return;
        _workers.Add(new SyncJob(
            Session!,
            operation.Sequence,
            operation.Tree,
            descriptor,
            operation.Flags.HasFlag(OperationFlags.DataOnly),
            operation.Kind == OperationKind.SyncTree));
    }

    public void Compared(in OperationHeader operation, bool equal) => Session!.TryGather(new AnswerHeader
    {
        Kind = equal ? AnswerKind.HasRange : AnswerKind.NeedRange,
        Tree = operation.Tree,
        File = operation.File,
        First = operation.Offset,
        Second = operation.Length,
    });

    public void ReintegrationEnded(GenerationRecord record)
    {
        Replayer.SyncAll();
        lock (_recordGate)
        {
            // Declared outdated meanwhile: the primary has gone on, and this connection no longer makes the data current.
            if (Session!.IsCut)
                return;
            _store.Write(record with { WasPrimary = false, Epoch = 0, AppliedSequence = 0 });
            _isSpoiled = false;
        }

        Session.TrySend(new AnswerHeader { Kind = AnswerKind.UpToDate });
        EndReintegration();
        _events.UpToDate();
    }

    public void Dispose()
    {
        _workers.Dispose();
        Replayer.Dispose();
    }
}
