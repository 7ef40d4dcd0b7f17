using System.Net;
using System.Net.Sockets;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Marks;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Replay;
using SafeKit.Mirror.Stream;
using SafeKit.Mirror.Tests.Recording;

namespace SafeKit.Mirror.Tests.Reintegration;

/// <summary>Two nodes on this machine: the primary's directory is mounted, the secondary replays into another one, and a wire between them can be cut.</summary>
internal sealed class MirrorPair : IAsyncDisposable
{
    private static readonly byte[] _key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly TemporaryFolder _folder = new();
    private readonly IPEndPoint _port;
    private readonly CuttableWire _wire;
    private readonly Func<ReplicatedDataSettings, ReplicatedDataSettings> _adjust;
    private TreeRoot? _leaderRoot;
    private TreeRoot? _followerRoot;
    private MountedTree? _mount;
    private LeaderData? _leader;
    private Follower? _follower;
    private CancellationTokenSource? _stopWriter;
    private Task _writer = Task.CompletedTask;
    private string _history = "";

    public MirrorPair(Func<ReplicatedDataSettings, ReplicatedDataSettings>? adjust = null)
    {
        _adjust = adjust ?? (settings => settings);
        _port = FreePort();
        _wire = new CuttableWire(_port);
        PrimaryPath = _folder.Sub("primary");
        SecondaryPath = _folder.Sub("secondary");
        PrimaryStore = GenerationStore.Open(_folder.Sub("state1"));
        SecondaryStore = GenerationStore.Open(_folder.Sub("state2"));
    }

    /// <summary>Where the data lies; somewhere else for a disk of its own.</summary>
    public string PrimaryPath { get; init; }

    public string SecondaryPath { get; init; }

    /// <summary>Which calls of the application wait for the other node.</summary>
    public WaitPolicy Wait { get; init; }

    /// <summary>What the primary says of itself.</summary>
    public ReplicatedDataStatus PrimaryStatus => Leader.FillStatus(new ReplicatedDataStatus { Problem = _mount?.Trouble });

    public MirrorEvents PrimaryEvents { get; private set; } = new("primary");

    public MirrorEvents SecondaryEvents { get; private set; } = new("secondary");

    public GenerationStore PrimaryStore { get; }

    public GenerationStore SecondaryStore { get; }

    public CuttableWire Wire => _wire;

    /// <summary>Where the secondary keeps what it knows about its data.</summary>
    public string StateOfSecondary => _folder.Sub("state2");

    public IPEndPoint Port => _port;

    /// <summary>What both nodes replicate, as a hello says it.</summary>
    public string DirectoriesSignature => Mirror.Stream.DirectoriesSignature.Of(Settings("n1", "n2", "state1", _port, _port));

    /// <summary>The roles are exchanged: the secondary's directory is led, the primary's follows.</summary>
    public bool IsSwapped { get; set; }

    public LeaderData Leader => _leader!;

    public Follower Follower => _follower!;

    /// <summary>The directory that the application uses.</summary>
    public string LedPath => IsSwapped ? SecondaryPath : PrimaryPath;

    public string FollowingPath => IsSwapped ? PrimaryPath : SecondaryPath;

    /// <summary>Where the node that leads keeps what it knows about its data.</summary>
    public string StateOfLeader => _folder.Sub(IsSwapped ? "state2" : "state1");

    public string StateOfPrimary => _folder.Sub("state1");

    public void Lead(LeadOrder order = LeadOrder.Forced) => Lead(order, applied: null);

    private void Lead(LeadOrder order, AppliedMarks? applied)
    {
        var nowhere = new IPEndPoint(IPAddress.Loopback, 1);
        ReplicatedDataSettings settings = IsSwapped ? Settings("n2", "n1", "state2", _port, nowhere) : Settings("n1", "n2", "state1", _port, nowhere);
        _leaderRoot = TreeRoot.Open(IsSwapped ? SecondaryPath : PrimaryPath);
        _leader = new LeaderData(settings, IsSwapped ? SecondaryStore : PrimaryStore, PrimaryEvents);
        _leader.Prepare(order, applied);
        _mount = MountedTree.Mount(_leaderRoot, MountSettings(), _leader.Recorder);
        _leader.Start([_mount]);
    }

    public void Follow(bool full = false)
    {
        var nowhere = new IPEndPoint(IPAddress.Loopback, 1);
        ReplicatedDataSettings settings =
            IsSwapped ? Settings("n1", "n2", "state1", nowhere, _wire.Near) : Settings("n2", "n1", "state2", nowhere, _wire.Near);
        string path = IsSwapped ? PrimaryPath : SecondaryPath;
        _followerRoot = TreeRoot.Open(path);
        _follower = new Follower(
            settings, IsSwapped ? PrimaryStore : SecondaryStore, SecondaryEvents, [new ReplayRoot(_followerRoot.Descriptor, path, null)]);
        _follower.Start(full);
    }

    /// <summary>What both nodes were told.</summary>
    public string History => $"{_history}{PrimaryEvents.History}\n{SecondaryEvents.History}";

    /// <summary>Both nodes, paired.</summary>
    public void Pair()
    {
        Lead();
        Follow();
        AwaitPaired();
    }

    public void AwaitPaired()
    {
        PrimaryEvents.Await("up to date");
        SecondaryEvents.Await("up to date");
    }

    /// <summary>The primary is gone: the secondary takes its place, and the roles are exchanged.</summary>
    public async Task TakeOverAsync()
    {
        await Follower.PromoteAsync();
        AppliedMarks applied = Follower.Applied;
        await StopFollowerAsync();
        IsSwapped = !IsSwapped;
        Lead(LeadOrder.Current, applied);
    }

    /// <summary>What the primary's disk would say after a crash; null: nothing.</summary>
    public KeptMarks? MarksOnDisk() =>
        MarkLog.Read(StateOfLeader, KeptMarks.Owner((IsSwapped ? SecondaryStore : PrimaryStore).Current.Current, DirectoriesSignature));

    /// <summary>The primary has marks on its disk that begin at a checkpoint of both nodes.</summary>
    public void AwaitMarksOnDisk()
    {
        KeptMarks? kept = null;
        Assert.True(
            SpinWait.SpinUntil(() => (kept = MarksOnDisk()) is { Problem: "" }, TimeSpan.FromSeconds(30)),
            $"no marks on the disk: {kept?.Problem}\n{PrimaryEvents.History}");
    }

    /// <summary>How the next connection is brought up to date.</summary>
    public void AwaitAttached(ReintegrationKind kind)
    {
        string told = PrimaryEvents.AwaitAny("attached");
        Assert.True(told == $"attached {kind}", $"{told}:\n{PrimaryEvents.History}");
    }

    /// <summary>An application that goes on until <see cref="StopWriterAsync"/>.</summary>
    public void StartWriter(int seed, bool movesDirectories = true, bool links = true)
    {
        var stop = new CancellationTokenSource();
        _stopWriter = stop;
        _writer = Task.Factory.StartNew(() => new RandomWriter(LedPath, seed, movesDirectories, links).RunUntil(stop.Token), TaskCreationOptions.LongRunning);
    }

    public async Task StopWriterAsync()
    {
        if (_stopWriter is null)
            return;
        await _stopWriter.CancelAsync();
        await _writer.WaitAsync(TimeSpan.FromSeconds(30));
        _stopWriter.Dispose();
        _stopWriter = null;
    }

    public async Task UnmountAsync()
    {
        if (_mount is not null)
            await _mount.DisposeAsync();
        _mount = null;
    }

    /// <summary>The primary leaves in good order.</summary>
    public async Task LeaveAsync()
    {
        await UnmountAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _leader!.LeaveAsync(Task.FromResult<string?>(null), limit.Token);
        await StopLeaderAsync();
    }

    /// <summary>The same under a running application, which may be waiting for the other node: it ends with the mount.</summary>
    public async Task StopLeaderUnderWriterAsync()
    {
        Assert.NotNull(_stopWriter);
        await _stopWriter.CancelAsync();
        await Task.WhenAny(_writer, Task.Delay(TimeSpan.FromMilliseconds(300)));
        await StopLeaderAsync();
        await StopWriterAsync();
    }

    /// <summary>The primary ends as in a crash, as far as its files tell.</summary>
    public async Task StopLeaderAsync()
    {
        await UnmountAsync();
        if (_leader is not null)
            await _leader.DisposeAsync();
        _leader = null;
        _leaderRoot?.Dispose();
        _leaderRoot = null;
        _history += PrimaryEvents.History + "\n";
        PrimaryEvents = new MirrorEvents("primary");
    }

    public async Task StopFollowerAsync()
    {
        if (_follower is not null)
            await _follower.DisposeAsync();
        _follower = null;
        _followerRoot?.Dispose();
        _followerRoot = null;
        _history += SecondaryEvents.History + "\n";
        SecondaryEvents = new MirrorEvents("secondary");
    }

    /// <summary>Ends everything in good order and compares what is left on both disks.</summary>
    /// <param name="ended">Called before the comparison.</param>
    public async Task AssertIdenticalAsync(Action? ended = null)
    {
        await StopWriterAsync();
        await LeaveAsync();
        await StopFollowerAsync();
        ended?.Invoke();
        List<string> differences = TreeComparison.Differences(PrimaryPath, SecondaryPath);
        Assert.True(differences.Count == 0, $"{string.Join('\n', differences)}\n{_history}");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // A writer that waits for the other node is released by the decision to go on alone.
            _stopWriter?.Cancel();
            _leader?.Detach("end of the test");
            await StopWriterAsync();
        }
        finally
        {
            await StopLeaderAsync();
            await StopFollowerAsync();
            await _wire.DisposeAsync();
            _folder.Dispose();
        }
    }

    private MountSettings MountSettings()
    {
        MirrorEvents events = PrimaryEvents;
        return new MountSettings { Index = 0, Wait = Wait, Trouble = text => events.Log("rfs", text, critical: true) };
    }

    private ReplicatedDataSettings Settings(string name, string peer, string state, IPEndPoint own, IPEndPoint far) => _adjust(new()
    {
        Module = "m",
        NodeName = name,
        PeerName = peer,
        ClusterKey = _key,
        Own = own,
        Peer = far,
        StateFolder = _folder.Sub(state),
        Directories = [new ReplicatedDirectory("/data", WaitPolicy.Close, [], [])],
    });

    private static IPEndPoint FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
