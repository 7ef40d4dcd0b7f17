using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Mirror;
using SafeKit.Mirror.Stream;

namespace SafeKit.Bench.Mirror;

/// <summary>
/// What the link between the nodes carries without replication, in MiB/s: one stream with the product's TLS and socket options, or bare TCP.
/// Each end is a process of its own on its node (<c>safekit-bench link-receive</c>, <c>link-send</c>).
/// </summary>
internal static class LinkProbe
{
    public const string ReceiveVerb = "link-receive";
    public const string SendVerb = "link-send";
    public const string Encrypted = "tls";
    public const string Bare = "tcp";

    private const int Port = 5999;
    private const int PieceBytes = 128 << 10;
    private const int Seconds = 3;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);
    private static readonly byte[] _key = new byte[32];

    public static async Task<double> MeasureAsync(MirrorNode from, MirrorNode to, string kind)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "safekit-bench");
        var log = Path.Combine(to.Paths.Root, $"link-{kind}.log");
        using var receiver = await Service.StartAsync(to.Machine, [program, ReceiveVerb, kind, to.Address4], log);
        var output = await Command.MustRunAsync(from.Machine.Inside(program, SendVerb, kind, to.Address4), timeout: _limit);
        return double.Parse(output, CultureInfo.InvariantCulture);
    }

    public static int Receive(string kind, string address)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), Port);
        listener.Start();
        using var socket = listener.AcceptSocket();
        using var tls = new ReplicationTls(_key, "receiver", "sender");
        using var stream = Open(kind, socket, (secured, s) => secured.AcceptAsync(s, CancellationToken.None), tls);
        var buffer = new byte[PieceBytes];
        while (stream.Read(buffer) > 0)
        {
        }

        return 0;
    }

    public static int Send(string kind, string address)
    {
        using var socket = Connect(new IPEndPoint(IPAddress.Parse(address), Port));
        using var tls = new ReplicationTls(_key, "sender", "receiver");
        using var stream = Open(kind, socket, (secured, s) => secured.ConnectAsync(s, CancellationToken.None), tls);
        var piece = new byte[PieceBytes];
        Random.Shared.NextBytes(piece);
        long bytes = 0;
        var watch = Stopwatch.StartNew();
        for (; watch.Elapsed.TotalSeconds < Seconds; bytes += PieceBytes)
            stream.Write(piece);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes / watch.Elapsed.TotalSeconds / (1 << 20):0.0}"));
        return 0;
    }

    private static System.IO.Stream Open(
        string kind, Socket socket, Func<ReplicationTls, Socket, Task<ReplicationStream>> secure, ReplicationTls tls) =>
        kind == Bare ? new NetworkStream(socket) : secure(tls, socket).GetAwaiter().GetResult();

    /// <summary>The receiver may not listen yet.</summary>
    private static Socket Connect(IPEndPoint there)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(there);
                return socket;
            }
            catch (SocketException) when (watch.Elapsed < _limit)
            {
                socket.Dispose();
                Thread.Sleep(50);
            }
        }
    }
}
