using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace SafeKit.Mirror.Tests.Pair;

/// <summary>Two nodes on this machine, each with its own directory, connected through cables that can be cut.</summary>
internal sealed class NodePair : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "safekit-pair-" + Guid.NewGuid().ToString("N")[..8]);

    public NodePair()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        IPEndPoint a = FreePort();
        IPEndPoint b = FreePort();
        A = new PairNode("a", "b", _folder, a, b, key);
        B = new PairNode("b", "a", _folder, b, a, key);
    }

    public PairNode A { get; }

    public PairNode B { get; }

    public string Told => A.Told + "\n" + B.Told;

    /// <summary>A leads, B has been brought up to date.</summary>
    public async Task PairUpAsync()
    {
        await A.Data.LeadAsync(LeadOrder.Forced, CancellationToken.None);
        await B.Data.FollowAsync(false, CancellationToken.None);
        await A.ExpectAsync("PeerUpToDate");
        await B.ExpectAsync("UpToDate");
    }

    public async ValueTask DisposeAsync()
    {
        await B.DisposeAsync();
        await A.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static IPEndPoint FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)probe.LocalEndPoint!;
    }
}
