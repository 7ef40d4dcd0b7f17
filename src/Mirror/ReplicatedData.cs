using SafeKit.Core;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Stream;

namespace SafeKit.Mirror;

/// <summary>
/// The data of one module: its directories, mounted for the role that this node has, and the leader or the follower that belongs to it.
/// Order of events when leading begins: stale mounts go, roots are opened, the recorder is ready, the trees are mounted, the port is
/// opened. When it ends: the trees are unmounted (the kernel writes back what it holds), the other node gets the rest, the record says
/// where both are.
/// </summary>
public sealed class ReplicatedData : IReplicatedData
{
    /// <summary>A disk that needs longer at the end of leading holds a stop up no further: this copy is compared when it follows.</summary>
    private static readonly TimeSpan _syncLimit = TimeSpan.FromSeconds(30);

    private readonly ReplicatedDataSettings _settings;
    private readonly IReplicatedDataEvents _events;
    private readonly IGenerationStore _store;
    private string? _damage;
    private volatile LeaderData? _leader;
    private volatile Follower? _follower;
    private volatile DirectorySet? _directories;

    /// <exception cref="SafeKitException">The state folder cannot be read or made, or a mount of a former daemon cannot be removed.</exception>
    public ReplicatedData(ReplicatedDataSettings settings, IReplicatedDataEvents events)
    {
        _settings = settings;
        _events = events;

        // Whoever looks whether the directories are there, before any role, must see them and not what a killed daemon left over them.
        foreach (ReplicatedDirectory directory in settings.Directories)
            StaleMounts.Remove(directory.Path);
        GenerationStore store = GenerationStore.Open(settings.StateFolder);
        _damage = store.Damage;
        _store = store;
    }

    public GenerationRecord Record => _store.Current;

    public ReplicatedDataStatus Status
    {
        get
        {
            var status = new ReplicatedDataStatus { Standing = _store.Current.Standing };
            if (_leader is { } leader)
                return leader.FillStatus(status with { LocalDiskUs = _directories?.LocalDiskUs ?? 0, Problem = _directories?.Trouble });
            return _follower is { } follower ? Following(status, follower.Status) : status;
        }
    }

    public Task LeadAsync(LeadOrder order, CancellationToken cancel)
    {
        Invariant.That(_leader is null && _follower is null, "the data has no role before it leads");
        TellDamage();
        _directories = DirectorySet.Open(_settings.Directories, _events);
        return BeginLeadingAsync(order, applied: null);
    }

    public async Task FollowAsync(bool full, CancellationToken cancel)
    {
        Invariant.That(_leader is null && _follower is null, "the data has no role before it follows");
        TellDamage();
        DirectorySet directories = DirectorySet.Open(_settings.Directories, _events);
        _directories = directories;
        try
        {
            LeaderData.DiscardJournal(_settings.StateFolder);
            directories.MountReadOnly();
            var follower = new Follower(_settings, _store, _events, directories.ReplayRoots);
            _follower = follower;
            follower.Start(full);
        }
        catch
        {
            await CloseDirectoriesAsync();
            throw;
        }
    }

    public async Task PromoteAsync(CancellationToken cancel)
    {
        Follower follower = _follower ?? throw new SafeKitException("this node does not follow: there is nothing to take over");
        await follower.PromoteAsync();
        await follower.DisposeAsync();
        _follower = null;
        await _directories!.UnmountAsync();
        await BeginLeadingAsync(LeadOrder.Current, follower.Applied);
    }

    public void Detach(string rule) => _leader?.Detach(rule);

    public void DeclareOutdated(string rule) => _follower?.DeclareOutdated(rule);

    public async Task LeaveAsync(CancellationToken cancel)
    {
        try
        {
            if (_leader is { } leader)
            {
                await _directories!.UnmountAsync();

                // The other node need not wait for this disk; the record of this one does.
                await leader.LeaveAsync(_directories.SyncAsync(_syncLimit), cancel);
            }
            else if (_follower is { } follower)
            {
                await follower.LeaveAsync();
            }
        }
        finally
        {
            await DisposeAsync();
        }
    }

    public Task<VerifyReport> VerifyAsync(CancellationToken cancel)
    {
        if (_leader is { } leader)
            return leader.VerifyAsync(cancel);
        return _follower is { } follower
            ? follower.VerifyAsync(cancel)
            : throw new SafeKitException("the module does not run here: start it, wait until it is PRIM or SECOND, and ask again");
    }

    /// <summary>Ends the role without good order, as a crash would, where <see cref="LeaveAsync"/> has not ended it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _follower, null) is { } follower)
            await follower.DisposeAsync();

        // Requests that wait for the other node end with the mounts, so these go first.
        if (_directories is { } directories)
            await directories.UnmountAsync();
        if (Interlocked.Exchange(ref _leader, null) is { } leader)
            await leader.DisposeAsync();
        await CloseDirectoriesAsync();
    }

    private async Task BeginLeadingAsync(LeadOrder order, AppliedMarks? applied)
    {
        GenerationRecord before = _store.Current;
        GenerationRecord? prepared = null;
        var leader = new LeaderData(_settings, _store, _events);
        try
        {
            leader.Prepare(order, applied);
            prepared = _store.Current;
            _directories!.MountForApplication(leader.Recorder);
            leader.Start(_directories.Trees);
            _leader = leader;
        }
        catch
        {
            await _directories!.UnmountAsync();
            await leader.DisposeAsync();

            // Where nothing has changed, nothing new is claimed. An application may have changed the first directory already: then a chapter
            // has begun, and it stays.
            if (prepared is null || _store.Current == prepared)
                _store.Write(before);
            await CloseDirectoriesAsync();
            throw;
        }
    }

    private void TellDamage()
    {
        if (Interlocked.Exchange(ref _damage, null) is { } damage)
            _events.Log("replication", damage, critical: true);
    }

    private async Task CloseDirectoriesAsync()
    {
        if (Interlocked.Exchange(ref _directories, null) is { } directories)
            await directories.DisposeAsync();
    }

    private static ReplicatedDataStatus Following(ReplicatedDataStatus status, Replay.ReplayStatus replay) => status with
    {
        Role = DataRole.Following,
        Standing = replay.Standing,
        Paired = replay.Standing == DataStanding.Paired,
        Connected = replay.IsConnected,
        Reintegration = replay.Reintegration,
        Problem = replay.Problem,
        Operations = replay.Operations,
        Bytes = replay.Bytes,
    };
}
