using SafeKit.Mirror;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Reintegration;
using SafeKit.Mirror.Stream;
using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>
/// What a primary does with its data, reduced to what the decisions rest on: the order of record, waiting and telling is that of <c>src/Mirror/Stream/LeaderData</c>. A write is a
/// number, the tree is the list of them, and a sequence is a count of writes since the epoch began.
/// </summary>
internal sealed partial class LeaderModel
{
    private readonly List<(int Count, Action Release)> _waiters = [];
    private readonly MirrorWorld _world;
    private DataConnection? _connection;
    private ulong _epoch;
    private int _start;
    private ulong _baseEpoch;
    private ulong _baseSequence;
    private bool _isChapterPending = true;
    private bool _copiesWhole;
    private bool _sendsLive;
    private bool _isPaired;
    private bool _isHeld;
    private int _received;

    /// <summary>Why the journal does not hold everything since the epoch began; null: it does.</summary>
    private string? _givenUp;
    private LeaderWait _wait;

    /// <param name="applied">Where this node takes over: the checkpoints since which it knows what it has changed as secondary.</param>
    public LeaderModel(MirrorNode node, MirrorLeadOrder order, (Checkpoint Older, Checkpoint Newer) applied = default)
    {
        Node = node;
        _world = node.World;
        bool isForced = order != MirrorLeadOrder.Current;
        _copiesWhole = order == MirrorLeadOrder.ForcedFullSync;
        GenerationRecord record = Data.Record;
        if (!isForced && Data.Marker is { } marker && marker.Chapter == record.Current && marker.Count == Data.Writes.Count)
            (_epoch, _start, _baseEpoch, _baseSequence) = (marker.Epoch, marker.Start, marker.BaseEpoch, marker.BaseSequence);
        else if (!isForced && record.Epoch != 0)
            (_epoch, _start, _baseEpoch, _baseSequence) = (_world.NextEpoch(), Data.Writes.Count, record.Epoch, record.AppliedSequence);
        if (!isForced && !applied.Newer.IsNone)
            Inherit(applied.Older, applied.Newer);
        Data.Checkpoint = default;
        Data.Log = null;
        IsReady = node.TryWrite(isForced
            ? WithoutPosition(record).Begin(_world.NextChapter())
            : record with { Standing = DataStanding.Alone, WasPrimary = true });
    }

    private enum LeaderWait
    {
        Nothing,
        Acknowledgement,

        /// <summary>Until the decision to go on alone.</summary>
        Decision,
    }

    public MirrorNode Node { get; }

    /// <summary>False where the disk refused.</summary>
    public bool IsReady { get; }

    public bool IsLeaving { get; private set; }

    private SimulatedData Data => Node.Data;

    private ulong LastSequence => (ulong)(Data.Writes.Count - _start);

    /// <summary>One change. False where it is not let in.</summary>
    /// <param name="release">Called once the application may be told that it is safe; null: it does not ask.</param>
    public bool TryWrite(long write, Action? release)
    {
        if (IsLeaving)
            return false;
        if (_isChapterPending)
        {
            Data.Marker = null;
            if (!Node.TryWrite(WithoutPosition(Data.Record).Begin(_world.NextChapter())))
                return false;
            _isChapterPending = false;
        }

        LogMark(SimulatedData.CellOf(write));
        Data.Append(write);
        int count = Data.Writes.Count;
        Mark(count - 1);
        if (_sendsLive)
            Send(write, count);
        if (release is not null)
            WhenSafe(write, count, release);
        return true;
    }

    /// <summary>The decision to go on alone: the record first, then whoever waits.</summary>
    public void Detach()
    {
        if (_wait == LeaderWait.Nothing)
            return;
        if (_connection is not null && _wait == LeaderWait.Acknowledgement)
        {
            _connection.CloseAtLeader();
            OnClosed(_connection);
        }

        bool lacksSomething = _received < Data.Writes.Count;
        GenerationRecord alone = WithoutPosition(Data.Record);
        if (!Node.TryWrite(lacksSomething ? alone.Begin(_world.NextChapter()) : alone))
            return;
        Data.Log = null;
        _wait = LeaderWait.Nothing;
        _isChapterPending = !lacksSomething;
        ReleaseAll();
    }

    public void OnClosed(DataConnection connection) => Lose(connection, orderly: false);

    private void Lose(DataConnection connection, bool orderly)
    {
        if (connection != _connection)
            return;
        bool wasPaired = _wait != LeaderWait.Nothing;
        if (_wait == LeaderWait.Acknowledgement)
            _wait = LeaderWait.Decision;
        else if (_wait == LeaderWait.Nothing && !_isPaired && _isSurveying && _confirmed.IsNone && _asked.IsNone)
            _epoch = 0;
        (_connection, _sendsLive, _isPaired, _isHeld, _isSurveying) = (null, false, false, false, false);
        if (IsLeaving)
            EndLeave(isOrderly: false);
        else
            Node.Post(new MirrorEvent.PeerLost(orderly, wasPaired));
    }

    private void WhenSafe(long write, int count, Action release) => Node.Later(Node.DiskNs(), () =>
    {
        Data.Sync(write, count);
        bool waits = _wait switch
        {
            LeaderWait.Nothing => false,
            LeaderWait.Decision => true,
            _ => _isHeld || _received < count,
        };
        if (waits)
            _waiters.Add((count, release));
        else
            release();
    });

    private void Send(long write, int count)
    {
        FollowerModel follower = _follower!;
        DataConnection connection = _connection!;
        connection.SendToFollower(() => follower.OnWrite(connection, write, count));
        if (_world.Options.DataMistake.HasFlag(DataMistake.AcknowledgeWhenSent))
            OnAcknowledged(connection, count);
    }

    private void OnAcknowledged(DataConnection connection, int count)
    {
        if (connection != _connection)
            return;
        _received = Math.Max(_received, count);
        ReleaseReceived();
    }

    private void ReleaseReceived()
    {
        if (_wait != LeaderWait.Acknowledgement || _isHeld)
            return;
        (int Count, Action Release)[] released = [.. _waiters.Where(waiter => waiter.Count <= _received)];
        _waiters.RemoveAll(waiter => waiter.Count <= _received);
        foreach ((_, Action release) in released)
            release();
    }

    private void ReleaseAll()
    {
        (int Count, Action Release)[] released = [.. _waiters];
        _waiters.Clear();
        foreach ((_, Action release) in released)
            release();
    }

    private static GenerationRecord WithoutPosition(GenerationRecord record) =>
        record with { Standing = DataStanding.Alone, WasPrimary = true, Epoch = 0, AppliedSequence = 0 };
}
