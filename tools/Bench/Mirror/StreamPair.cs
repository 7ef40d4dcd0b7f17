using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using SafeKit.Core;
using SafeKit.Mirror;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Replay;
using SafeKit.Mirror.Stream;

namespace SafeKit.Bench.Mirror;

/// <summary>
/// Both ends of the replication in this process, over TLS on the loopback interface: operations are appended by hand, without the kernel's file
/// system before them; the other end applies them to a real directory.
/// </summary>
internal sealed class StreamPair : IReplicatedDataEvents, IAsyncDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("safekit-stream-").FullName;
    private readonly BlockingCollection<string> _upToDate = [];
    private readonly TreeRoot _leaderRoot;
    private readonly TreeRoot _followerRoot;
    private readonly LeaderData _leader;
    private readonly MountedTree _mount;
    private readonly Follower _follower;
    private ulong _lastFile = 1UL << 40;

    public StreamPair(bool waitsForDisk)
    {
        var key = new byte[32];
        var port = FreePort();
        var nowhere = new IPEndPoint(IPAddress.Loopback, 1);
        _leaderRoot = TreeRoot.Open(Sub("primary"));
        _leader = new LeaderData(Settings("n1", "n2", port, nowhere, key, waitsForDisk), GenerationStore.Open(Sub("state-n1")), this);
        _leader.Prepare(LeadOrder.Forced);
        _mount = MountedTree.Mount(_leaderRoot, new MountSettings { Index = 0 }, _leader.Recorder);
        _leader.Start([_mount]);
        _followerRoot = TreeRoot.Open(Sub("secondary"));
        _follower = new Follower(
            Settings("n2", "n1", nowhere, port, key, waitsForDisk),
            GenerationStore.Open(Sub("state-n2")),
            this,
            [new ReplayRoot(_followerRoot.Descriptor, Sub("secondary"), null)]);
        _follower.Start(full: false);
        for (var node = 0; node < 2; node++)
        {
            if (!_upToDate.TryTake(out _, _limit))
                throw new SafeKitException("the nodes of the stream's benchmark do not come together");
        }
    }

    public IChangeRecorder Recorder => _leader.Recorder;

    /// <summary>A new file on the secondary.</summary>
    /// <returns>Its id.</returns>
    public ulong Create(StreamCaller caller)
    {
        var file = Interlocked.Increment(ref _lastFile);
        var header = OperationHeader.Of(OperationKind.Create, 0, file);
        header.Parent = FileId.Root;
        header.Mode = 0x81A4; // A regular file, rw-r--r--.
        Span<byte> name = stackalloc byte[20];
        file.TryFormat(name, out var length);
        caller.Append(ref header, name[..length], []);
        return file;
    }

    public void PeerAttached(string rule, ReintegrationKind kind)
    {
    }

    public void PeerUpToDate() => _upToDate.Add("primary");

    public void PeerLost(string reason, bool orderly, bool wasPaired)
    {
    }

    public void UpToDate() => _upToDate.Add("secondary");

    public void PrimaryLost(string reason, bool orderly, bool upToDate)
    {
    }

    public void Refused(string rule, string remedy)
    {
    }

    public void Failed(string reason)
    {
    }

    public void Log(string origin, string message, bool critical)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await _mount.DisposeAsync();
        await _leader.DisposeAsync();
        await _follower.DisposeAsync();
        _leaderRoot.Dispose();
        _followerRoot.Dispose();
        _upToDate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ReplicatedDataSettings Settings(string name, string peer, IPEndPoint own, IPEndPoint far, byte[] key, bool waitsForDisk) => new()
    {
        Module = "bench",
        NodeName = name,
        PeerName = peer,
        ClusterKey = key,
        Own = own,
        Peer = far,
        StateFolder = Sub($"state-{name}"),
        Directories = [new ReplicatedDirectory("/bench", WaitPolicy.Close, [], [])],
        BarrierWaitsForDisk = waitsForDisk,
    };

    private string Sub(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private static IPEndPoint FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return (IPEndPoint)probe.LocalEndpoint;
    }
}
