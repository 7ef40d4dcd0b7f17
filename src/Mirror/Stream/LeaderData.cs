using SafeKit.Core;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Marks;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// What a primary does with its data beside serving it: records the changes, listens for the other node, brings it up to date, and sends it what
/// changes.
/// <para>Order of calls: <see cref="Prepare"/>, then the trees are mounted with <see cref="Recorder"/>, then <see cref="Start"/>; at the end the
/// trees are unmounted, then
/// <see cref="LeaveAsync"/>.</para>
/// <para>
/// What the other node is told, and when. The secondary may lead once its record says Paired, and it writes that when it has applied the
/// operation ReintegrationEnd. Before that
/// operation is appended, (1) everyone who wants an acknowledgement waits for the secondary (BeginPairing, with the gate closed), (2) this
/// node's record says Paired, so that
/// after a crash it does not lead by itself. So whatever was acknowledged to an application without the secondary was done before (1), and is
/// therefore before
/// ReintegrationEnd in the stream, or in what the survey or the journal had sent before it: a secondary that believes itself up to date has it.
/// And whatever was acknowledged
/// after (1) was acknowledged by the secondary itself, or by the decision to go on alone, for which this node's record said Alone first, with a
/// new chapter. There is no moment in which
/// the secondary may lead and lacks something that was acknowledged.
/// </para>
/// </summary>
public sealed partial class LeaderData : IAsyncDisposable
{
    private const string Origin = "replication";

    private readonly ReplicatedDataSettings _settings;
    private readonly IGenerationStore _store;
    private readonly IReplicatedDataEvents _events;

    /// <summary>Held while the recorder's mode or the record is changed. Never while a session's end is awaited.</summary>
    private readonly Lock _transition = new();
    private readonly SemaphoreSlim _welcoming = new(1);
    private ChangeRecorder? _recorder;
    private IReadOnlyList<IReplicatedTree> _trees = [];
    private LeaderListener? _listener;
    private LeaderSession? _session;

    /// <summary>The other node is copied whole: ordered, and not done yet.</summary>
    private bool _copiesWhole;

    public LeaderData(ReplicatedDataSettings settings, IGenerationStore store, IReplicatedDataEvents events)
    {
        _settings = settings;
        _store = store;
        _events = events;
    }

    /// <summary>For the trees. There is one after <see cref="Prepare"/>.</summary>
    public IChangeRecorder Recorder => Own;

    private ChangeRecorder Own => _recorder ?? throw new InvalidOperationException("the recorder is made by Prepare");

    /// <summary>
    /// Begins to record: with the journal of the last run, where that ended in good order, or with a new one, where this node's position is
    /// known; else nothing is recorded until
    /// the other node has been surveyed. The record says Alone from here on, and before the first change a new chapter begins.
    /// </summary>
    /// <exception cref="SafeKitException">The disk refused.</exception>
    public void Prepare(LeadOrder order) => Prepare(order, applied: null);

    /// <inheritdoc cref="Prepare(LeadOrder)"/>
    /// <param name="applied">What this node has changed as secondary, where it takes over; null: it does not.</param>
    internal void Prepare(LeadOrder order, AppliedMarks? applied)
    {
        Invariant.That(_recorder is null, "a node begins to lead once");
        GenerationRecord record = _store.Current;
        bool isForced = order != LeadOrder.Current;
        _copiesWhole = order == LeadOrder.ForcedFullSync;
        string reason = "an order by force begins the history anew";
        JournalMarker? marker = null;
        Journal? journal = isForced
            ? null
            : Journal.TryOpen(_settings.StateFolder, _settings.JournalBytesMax, record.Current, out marker, out reason);
        if (journal is not null && marker is not null)
        {
            _recorder = new ChangeRecorder(_settings, journal);
            _recorder.Start(marker.Epoch, marker.LastSequence, marker.BaseEpoch, marker.BaseSequence);
        }
        else
        {
            StartAnew(record, isForced, reason, !isForced && applied is { IsActive: true } ? applied : null);
        }

        CheckpointFile.Remove(_settings.StateFolder);
        MarkLog.Remove(_settings.StateFolder);
        Own.ChapterWanted = BeginChapter;
        Own.EpochGivenUp = EndGivenUpEpoch;
        Own.DiskRefused = DistrustDisk;
        _store.Write(isForced ? WithoutPosition(record).Begin(Guid.NewGuid()) : record with { Standing = DataStanding.Alone, WasPrimary = true });
    }

    /// <summary>Listens for the other node. The trees are mounted.</summary>
    /// <param name="trees">In the order of the settings' directories.</param>
    public void Start(IReadOnlyList<IReplicatedTree> trees)
    {
        _trees = trees;
        _listener = new LeaderListener(_settings, WelcomeAsync, message => _events.Log(Origin, message, critical: false));
    }

    public async ValueTask DisposeAsync()
    {
        await StopListeningAsync();
        if (_session is { } session)
        {
            session.Abort("this node stops");
            await session.Ended;
        }

        _recorder?.Dispose();
        _welcoming.Dispose();
    }

    private static GenerationRecord WithoutPosition(GenerationRecord record) =>
        record with { Standing = DataStanding.Alone, WasPrimary = true, Epoch = 0, AppliedSequence = 0 };

    private void StartAnew(GenerationRecord record, bool isForced, string reason, AppliedMarks? applied)
    {
        bool isKnown = !isForced && record.Epoch != 0 && record.AppliedSequence != 0;
        var journal = Journal.Create(_settings.StateFolder, _settings.JournalBytesMax);
        _recorder = new ChangeRecorder(_settings, journal);
        if (isKnown)
            _recorder.Start(ChangeRecorder.NewEpoch(), 0, record.Epoch, record.AppliedSequence);
        else if (applied is not null)
            TakeOver(_recorder, journal);
        else
            _recorder.Start(0, 0, 0, 0);
        if (applied is not null)
            _recorder.Inherit(applied);
        string told = isKnown ? "a new journal begins"
            : applied is not null ? $"what changed since the last checkpoint of {_settings.PeerName} is marked"
            : $"the other node will be surveyed: {reason}";
        _events.Log(Origin, told, critical: false);
    }

    /// <summary>Changes are numbered, or nothing would be marked; but nobody can go on from the number at which this node has taken over.</summary>
    private static void TakeOver(ChangeRecorder recorder, Journal journal)
    {
        recorder.Start(ChangeRecorder.NewEpoch(), 0, 0, 0);
        journal.GiveUp("this node has taken over from a primary that did not leave in good order");
    }

    private async Task StopListeningAsync()
    {
        LeaderListener? listener = Interlocked.Exchange(ref _listener, null);
        if (listener is not null)
            await listener.DisposeAsync();

        // A welcome that is under way ends first; none begins any more.
        await _welcoming.WaitAsync();
        _welcoming.Release();
    }
}
