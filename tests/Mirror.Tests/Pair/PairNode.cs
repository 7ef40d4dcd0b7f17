using System.Net;
using System.Threading.Channels;

namespace SafeKit.Mirror.Tests.Pair;

/// <summary>One node of a pair: its data, and everything it told, in order.</summary>
internal sealed class PairNode : IReplicatedDataEvents, IAsyncDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly List<string> _told = [];

    public PairNode(string name, string peer, string folder, IPEndPoint own, IPEndPoint other, byte[] key)
    {
        Name = name;
        Directory = Path.Combine(folder, name, "data");
        System.IO.Directory.CreateDirectory(Directory);
        Settings = new ReplicatedDataSettings
        {
            Module = "pair",
            NodeName = name,
            PeerName = peer,
            ClusterKey = key,
            Own = own,
            Peer = other,
            StateFolder = Path.Combine(folder, name, "state"),
            Directories = [new ReplicatedDirectory(Directory, WaitPolicy.Close, [], []) { CommonName = "data" }],
        };
        Data = new ReplicatedData(Settings, this);
    }

    public string Name { get; }

    /// <summary>The replicated directory: mounted while the data has a role.</summary>
    public string Directory { get; }

    public ReplicatedDataSettings Settings { get; }

    public ReplicatedData Data { get; private set; }

    public string Told
    {
        get
        {
            lock (_told)
                return $"{Name}:\n  " + string.Join("\n  ", _told);
        }
    }

    /// <summary>The process ends and another one begins: what is not on disk is forgotten.</summary>
    public async Task RestartAsync()
    {
        await Data.DisposeAsync();
        Data = new ReplicatedData(Settings, this);
    }

    /// <summary>Waits until an event of this kind is told; earlier ones of other kinds are skipped.</summary>
    public async Task<string> ExpectAsync(string kind)
    {
        using var limit = new CancellationTokenSource(_limit);
        try
        {
            while (true)
            {
                string told = await _events.Reader.ReadAsync(limit.Token);
                if (told.StartsWith(kind, StringComparison.Ordinal))
                    return told;
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"no {kind} within {_limit.TotalSeconds} s. {Told}");
        }
    }

    public void PeerAttached(string rule, ReintegrationKind kind) => Tell($"PeerAttached {kind}: {rule}");

    public void PeerUpToDate() => Tell("PeerUpToDate");

    public void PeerLost(string reason, bool orderly, bool wasPaired) => Tell($"PeerLost orderly={orderly} paired={wasPaired}: {reason}");

    public void UpToDate() => Tell("UpToDate");

    public void PrimaryLost(string reason, bool orderly, bool upToDate) => Tell($"PrimaryLost orderly={orderly} current={upToDate}: {reason}");

    public void Refused(string rule, string remedy) => Tell($"Refused {rule}: {remedy}");

    public void Failed(string reason) => Tell($"Failed {reason}");

    public void Log(string origin, string message, bool critical)
    {
        lock (_told)
            _told.Add($"{origin} | {message}");
    }

    public ValueTask DisposeAsync() => Data.DisposeAsync();

    private void Tell(string text)
    {
        lock (_told)
            _told.Add(text);
        _events.Writer.TryWrite(text);
    }
}
