using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using SafeKit.Mirror.Stream;

namespace SafeKit.Mirror.Tests.Stream;

public sealed class ReplicationWireTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task WhatIsGatheredArrivesWholeAndInOrder()
    {
        (ReplicationWire near, ReplicationWire far) = Connected();
        using ReplicationWire ends = near;
        await using ReplicationWire end = far;
        byte[] sent = RandomNumberGenerator.GetBytes(3_000_001);
        var writing = Task.Run(() =>
        {
            near.Gathers = true;
            for (int start = 0; start < sent.Length; start += 17_001)
                near.Write(sent.AsSpan(start, Math.Min(17_001, sent.Length - start)));
            near.Flush();
        });

        byte[] read = new byte[sent.Length];
        await Task.Run(() => far.ReadExactly(read)).WaitAsync(_limit);
        await writing.WaitAsync(_limit);

        Assert.Equal(sent, read);
        Assert.False(far.HasMore);
    }

    [Fact]
    public async Task WhileThereIsRoomNobodyWaitsForAReaderThatDoesNotRead()
    {
        (ReplicationWire near, ReplicationWire far) = Connected();
        using ReplicationWire ends = near;
        await using ReplicationWire end = far;
        byte[] piece = new byte[32 << 10];
        var writing = Task.Run(() =>
        {
            while (near.HasRoom)
                near.Write(piece);
        });
        await writing.WaitAsync(_limit);
    }

    [Fact]
    public async Task AReadThatTakesTooLongSaysSo()
    {
        (ReplicationWire near, ReplicationWire far) = Connected();
        using ReplicationWire ends = near;
        await using ReplicationWire end = far;
        far.LimitReads(TimeSpan.FromMilliseconds(50));
        var failure = await Assert.ThrowsAsync<IOException>(() => Task.Run(() => far.ReadByte()).WaitAsync(_limit));
        Assert.Equal(SocketError.TimedOut, Assert.IsType<SocketException>(failure.InnerException).SocketErrorCode);
    }

    [Fact]
    public async Task AReadOfAHandshakeEndsWhenItIsCancelled()
    {
        (ReplicationWire near, ReplicationWire far) = Connected();
        using ReplicationWire ends = near;
        await using ReplicationWire end = far;
        using var cancel = new CancellationTokenSource();
        Task<int> reading = far.ReadAsync(new byte[1], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(_limit));
    }

    [Fact]
    public async Task WhoReadsIsWokenByTheEnd()
    {
        (ReplicationWire near, ReplicationWire far) = Connected();
        using ReplicationWire ends = near;
        using var begun = new ManualResetEventSlim();
        var reading = Task.Run(() =>
        {
            begun.Set();
            return Record.Exception(() => Assert.Equal(0, far.Read(new byte[1])));
        });
        Assert.True(begun.Wait(_limit));
        await far.DisposeAsync();
        Exception? failure = await reading.WaitAsync(_limit);
        Assert.True(failure is null or IOException or ObjectDisposedException, $"{failure}");
    }

    private static (ReplicationWire Near, ReplicationWire Far) Connected()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.Connect(listener.LocalEndpoint);
        return (new ReplicationWire(near), new ReplicationWire(listener.AcceptSocket()));
    }
}
