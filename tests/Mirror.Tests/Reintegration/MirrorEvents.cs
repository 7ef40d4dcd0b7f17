using System.Collections.Concurrent;

namespace SafeKit.Mirror.Tests.Reintegration;

/// <summary>What a node was told, in order, and a way to wait for it.</summary>
internal sealed class MirrorEvents(string node) : IReplicatedDataEvents
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(45);

    private readonly BlockingCollection<string> _told = [];
    private readonly ConcurrentQueue<string> _all = new();

    /// <summary>Everything so far, for a failure's message.</summary>
    public string History => string.Join("\n", _all);

    public void PeerAttached(string rule, ReintegrationKind kind) => Tell($"attached {kind}", rule);

    public void PeerUpToDate() => Tell("up to date", "");

    public void PeerLost(string reason, bool orderly, bool wasPaired) => Tell($"lost{(orderly ? " orderly" : "")}{(wasPaired ? " paired" : "")}", reason);

    public void UpToDate() => Tell("up to date", "");

    public void PrimaryLost(string reason, bool orderly, bool upToDate) => Tell("primary lost", reason);

    public void Refused(string rule, string remedy) => Tell("refused", $"{rule}. {remedy}");

    public void Failed(string reason) => Tell("failed", reason);

    public void Log(string origin, string message, bool critical) => Note($"log: {message}");

    /// <summary>Waits until this is told; what is told before it is passed over.</summary>
    public void Await(string what)
    {
        var until = DateTime.UtcNow + _limit;
        while (true)
        {
            TimeSpan left = until - DateTime.UtcNow;
            string? told = null;
            bool isTold = left > TimeSpan.Zero && _told.TryTake(out told, left);
            Assert.True(isTold, $"{node} was not told '{what}':\n{History}");
            if (told == what)
                return;
        }
    }

    /// <summary>Waits until something that begins like this is told, and says what it was.</summary>
    public string AwaitAny(string beginning)
    {
        while (true)
        {
            if (!_told.TryTake(out string? told, _limit))
                Assert.Fail($"{node} was not told '{beginning}...':\n{History}");
            if (told.StartsWith(beginning, StringComparison.Ordinal))
                return told;
        }
    }

    private void Tell(string what, string detail)
    {
        Note($"{what}: {detail}");
        _told.Add(what);
    }

    private void Note(string line) => _all.Enqueue($"{DateTime.UtcNow:ss.fff} {node} {line}");
}
