using SafeKit.Core;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Replay;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// The secondary of a module: connects to the primary again and again, is reintegrated, and applies what comes. Orders come one at a time and
/// from one caller. It ends with
/// <see cref="PromoteAsync"/> or <see cref="LeaveAsync"/>, whose effects are complete when they return; then it is only to be disposed of.
/// </summary>
public sealed partial class Follower : IAsyncDisposable
{
    private readonly ReplicatedDataSettings _settings;
    private readonly IReplicatedDataEvents _events;
    private readonly FollowerState _state;
    private readonly ReplicationTls _tls;
    private volatile CancellationTokenSource _ordered = new();
    private volatile TaskCompletionSource<FollowerPosition> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private volatile FollowerOrder _order;
    private bool _full;
    private bool _isStarted;

    /// <summary>Brings what was applied onto the disk while this node leads already.</summary>
    private Task _background = Task.CompletedTask;

    /// <param name="roots">One for each directory of the settings, in their order; they stay the caller's and must stay open until this is
    /// disposed of.</param>
    /// <exception cref="SafeKitException">A directory cannot be opened.</exception>
    public Follower(
        ReplicatedDataSettings settings, IGenerationStore store, IReplicatedDataEvents events, IReadOnlyList<ReplayRoot> roots)
    {
        Invariant.That(roots.Count == settings.Directories.Count, "every directory has a root");
        _settings = settings;
        _events = events;
        _state = new FollowerState(settings, store, events, roots);
        _tls = new ReplicationTls(settings.ClusterKey, settings.NodeName, settings.PeerName);
        _thread = new Thread(Run) { IsBackground = true, Name = "mirror-follow" };
    }

    /// <summary>A snapshot. Never waits.</summary>
    public ReplayStatus Status => _state.Status;

    /// <summary>What was changed here since the last checkpoints; once it has ended.</summary>
    internal AppliedMarks Applied => _state.Replayer.Marks;

    /// <summary>Begins to connect.</summary>
    /// <param name="full">Everything is to be copied, whatever the records say.</param>
    public void Start(bool full)
    {
        Invariant.That(!_isStarted, "a follower starts once");
        _isStarted = true;
        _full = full;
        _thread.Start();
    }

    /// <summary>
    /// Stops following in order to lead. Nothing of the former primary is accepted any more when this returns; everything that was acknowledged
    /// is applied, and on its way
    /// to the disk.
    /// </summary>
    /// <exception cref="SafeKitException">The data is not up to date, and following goes on; or what was received could not be applied.</exception>
    public async Task<FollowerPosition> PromoteAsync()
    {
        if (!_state.IsPaired)
            throw new SafeKitException($"the data is not up to date ({_state.Record.Standing}): this node cannot take over");
        return await EndAsync(FollowerOrder.Promote);
    }

    /// <summary>
    /// Stops following in good order: everything received is applied and on the disk, and the record says up to where. The primary is told.
    /// </summary>
    /// <exception cref="SafeKitException">What was received could not be applied, or the disk refused.</exception>
    public async Task LeaveAsync()
    {
        // The primary, asked, says goodbye: so its last operation is the last one here, however busy it is. One that does not answer is not
        // waited for long.
        if (_state.IsPaired && _state.Session is { } session && session.TrySend(new AnswerHeader { Kind = AnswerKind.AskLeave }))
        {
            _order = FollowerOrder.Leave;
            await session.Ended.WaitAsync(_settings.SilenceLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await EndAsync(FollowerOrder.Leave);
    }

    /// <summary>
    /// The primary goes on without this node, or has newer data: the record says Outdated before this returns. Following goes on, to be reintegrated.
    /// </summary>
    /// <exception cref="SafeKitException">The disk of the record refused.</exception>
    public void DeclareOutdated(string rule)
    {
        if (_state.DeclareOutdated())
            _events.Log(Origin, $"not up to date any more: {rule}", critical: false);
    }

    /// <summary>Asks the primary to compare both trees.</summary>
    /// <exception cref="SafeKitException">The nodes are not paired, or the connection ended meanwhile.</exception>
    public async Task<VerifyReport> VerifyAsync(CancellationToken cancel)
    {
        var verification = new TaskCompletionSource<VerifyReport>(TaskCreationOptions.RunContinuationsAsynchronously);
        _state.Verification = verification;
        bool asked = _state.IsPaired && _state.Session is { } session && session.TrySend(new AnswerHeader { Kind = AnswerKind.AskVerify });
        if (!asked)
            throw new SafeKitException("the nodes are not paired: there is nothing to compare");
        return await verification.Task.WaitAsync(cancel);
    }

    /// <summary>Ends without good order where neither order was given.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isStarted)
        {
            _order = _order == FollowerOrder.None ? FollowerOrder.Stop : _order;
            Interrupt();
            await Task.Run(_thread.Join);
        }

        // The descriptors are in use until the disk has answered, for which nobody waits who takes over.
        if (_background.IsCompleted)
            _state.Dispose();
        else
            _ = _background.ContinueWith(_ => _state.Dispose(), TaskScheduler.Default);
        _tls.Dispose();
        _ordered.Dispose();
    }

    private Task<FollowerPosition> EndAsync(FollowerOrder order)
    {
        Invariant.That(_isStarted, "a follower has started before it ends");
        Task<FollowerPosition> ended = _ended.Task;
        _order = order;
        Interrupt();
        return ended;
    }

    private void Interrupt()
    {
        _ordered.Cancel();
        _state.Session?.Cut();
    }
}
