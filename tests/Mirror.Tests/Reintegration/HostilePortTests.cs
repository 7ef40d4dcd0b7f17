using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Stream;

namespace SafeKit.Mirror.Tests.Reintegration;

/// <summary>Whatever comes to the port of a primary, the connection that is up goes on, and the node with it.</summary>
public sealed class HostilePortTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);
    private static readonly byte[] _key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public async Task StrangersNeverDisturbARunningConnection()
    {
        await using var pair = new MirrorPair();
        pair.Pair();
        var random = new Random(1);
        var silent = new List<Socket>();
        for (int i = 0; i < 40; i++)
        {
            Socket socket = await ConnectAsync(pair);
            silent.Add(socket);
            byte[] noise = new byte[random.Next(0, 5000)];
            random.NextBytes(noise);
            await SendAsync(socket, noise);
        }

        await OfAnotherClusterAsync(pair);
        new RandomWriter(pair.PrimaryPath, 5).Run(200);
        VerifyReport report = await pair.Leader.VerifyAsync(CancellationToken.None).WaitAsync(_limit);
        Assert.Equal(0, report.DifferenceCount);
        Assert.DoesNotContain("lost", pair.PrimaryEvents.History, StringComparison.Ordinal);
        foreach (Socket socket in silent)
            socket.Dispose();
        await pair.AssertIdenticalAsync();
    }

    [Fact]
    public async Task APeerThatConnectsWhileStrangersAreSilentIsServed()
    {
        await using var pair = new MirrorPair();
        pair.Lead();
        var silent = new List<Socket>();
        for (int i = 0; i < 20; i++)
            silent.Add(await ConnectAsync(pair));
        pair.Follow();
        pair.AwaitPaired();
        foreach (Socket socket in silent)
            socket.Dispose();
    }

    [Theory]
    [InlineData("other module", "n2", "")]
    [InlineData("m", "n3", "")]
    [InlineData("m", "n2", "other directories")]
    public async Task AHelloThatDoesNotFitIsRefusedWithARemedy(string module, string node, string directories)
    {
        await using var pair = new MirrorPair();
        pair.Lead();
        using var tls = new ReplicationTls(_key, "n2", "n1");
        await using ReplicationStream stream = await tls.ConnectAsync(await ConnectAsync(pair), CancellationToken.None).WaitAsync(_limit);
        var hello = new Hello(Hello.ProtocolVersion, module, node, directories, false, GenerationRecord.Empty, 0, 0);

        HelloAnswer answer = await HelloExchange.AskAsync(stream, hello, _limit, CancellationToken.None);

        Assert.False(answer.Accepted);
        Assert.True(answer.Final);
        Assert.NotEmpty(answer.Rule);
        Assert.NotEmpty(answer.Remedy);
    }

    /// <summary>The other node's certificate, and nonsense: the connection ends, and the next one is served.</summary>
    [Theory]
    [InlineData(AnswerKind.Acknowledged, long.MaxValue, 0)]
    [InlineData(AnswerKind.Acknowledged, -1, -1)]
    [InlineData(AnswerKind.Durable, long.MaxValue, 0)]
    [InlineData(AnswerKind.NeedRange, -5, 10)]
    [InlineData(AnswerKind.NeedRange, 0, long.MaxValue)]
    [InlineData((AnswerKind)999, 0, 0)]
    [InlineData(AnswerKind.None, 0, 0)]
    public async Task AnAnswerThatMakesNoSenseEndsTheConnectionOnly(AnswerKind kind, long first, long second)
    {
        await using var pair = new MirrorPair();
        pair.Lead();
        await SendAnswerAsync(pair, new AnswerHeader { Kind = kind, First = first, Second = second });
        Assert.StartsWith("lost", pair.PrimaryEvents.AwaitAny("lost"), StringComparison.Ordinal);
        pair.Follow();
        pair.AwaitPaired();
        await pair.AssertIdenticalAsync();
    }

    private static async Task SendAnswerAsync(MirrorPair pair, AnswerHeader answer)
    {
        using var tls = new ReplicationTls(_key, "n2", "n1");
        await using ReplicationStream stream = await tls.ConnectAsync(await ConnectAsync(pair), CancellationToken.None).WaitAsync(_limit);
        var hello = new Hello(Hello.ProtocolVersion, "m", "n2", pair.DirectoriesSignature, false, GenerationRecord.Empty, 0, 0);
        HelloAnswer accepted = await HelloExchange.AskAsync(stream, hello, _limit, CancellationToken.None);
        Assert.True(accepted.Accepted, accepted.Rule);
        byte[] bytes = new byte[AnswerHeader.Size];
        MemoryMarshal.Write(bytes, in answer);
        await stream.WriteAsync(bytes);
        pair.PrimaryEvents.AwaitAny("attached");

        // The primary closes: what it had sent may come first.
        byte[] rest = new byte[4096];
        try
        {
            while (await stream.ReadAsync(rest).AsTask().WaitAsync(_limit) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Closed in the middle of something.
        }
    }

    private static async Task OfAnotherClusterAsync(MirrorPair pair)
    {
        using var tls = new ReplicationTls(new byte[32], "n2", "n1");
        await Assert.ThrowsAsync<Core.SafeKitException>(async () =>
        {
            await using ReplicationStream stream = await tls.ConnectAsync(await ConnectAsync(pair), CancellationToken.None).WaitAsync(_limit);
        });
    }

    private static async Task<Socket> ConnectAsync(MirrorPair pair)
    {
        // The primary begins to listen beside what it does otherwise.
        var until = DateTime.UtcNow + _limit;
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(pair.Port).WaitAsync(_limit);
                return socket;
            }
            catch (SocketException) when (DateTime.UtcNow < until)
            {
                socket.Dispose();
                await Task.Delay(10);
            }
        }
    }

    private static async Task SendAsync(Socket socket, byte[] bytes)
    {
        try
        {
            await socket.SendAsync(bytes);
        }
        catch (SocketException)
        {
            // Shown out already.
        }
    }
}
