using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>A real listener on loopback that comes and goes.</summary>
public sealed class TcpCheckerTests
{
    /// <summary>An address that nothing else on the machine uses, so a freed port stays free.</summary>
    private static readonly IPAddress _address = IPAddress.Parse($"127.77.{Environment.ProcessId / 256 % 256}.{Environment.ProcessId % 254 + 1}");

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task AServiceThatGoesAndComesBackIsSeen()
    {
        var reports = Channel.CreateUnbounded<Resource>();
        var listener = Listen(0);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var checker = new TcpChecker(Configuration(port, _patience), resource => reports.Writer.TryWrite(resource));
        using var cancel = new CancellationTokenSource();
        var run = checker.RunAsync(cancel.Token);
        await Expect(reports, ResourceValue.Init);
        await Expect(reports, ResourceValue.Up);
        listener.Stop();
        Assert.Contains("nothing listens there", (await Expect(reports, ResourceValue.Down)).Reason);
        listener = Listen(port);
        var up = await Expect(reports, ResourceValue.Up);
        Assert.Equal(up, checker.Current);
        await cancel.CancelAsync();
        await run;
        listener.Stop();
    }

    [Fact]
    public async Task AServiceThatNeverComesIsDownAfterTheTimeout()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(_address, 0)); // bound, not listening: connections are refused
        var reports = Channel.CreateUnbounded<Resource>();
        var checker = new TcpChecker(Configuration(((IPEndPoint)reserved.LocalEndPoint!).Port, TimeSpan.FromMilliseconds(300)), resource => reports.Writer.TryWrite(resource));
        using var cancel = new CancellationTokenSource();
        var run = checker.RunAsync(cancel.Token);
        await Expect(reports, ResourceValue.Init);
        var down = await Expect(reports, ResourceValue.Down);
        Assert.NotEqual("", down.Reason);
        await cancel.CancelAsync();
        await run;
    }

    [Fact]
    public async Task CancellingDuringAPauseEndsAtOnce()
    {
        var listener = Listen(0);
        var up = new TaskCompletionSource();
        var configuration = Configuration(((IPEndPoint)listener.LocalEndpoint).Port, _patience) with { Interval = TimeSpan.FromHours(1) };
        using var cancel = new CancellationTokenSource();
        var run = new TcpChecker(configuration, resource =>
        {
            if (resource.Value == ResourceValue.Up)
                up.SetResult();
        }).RunAsync(cancel.Token);
        await up.Task.WaitAsync(_patience);
        await cancel.CancelAsync();
        await run.WaitAsync(_patience);
        listener.Stop();
    }

    [Fact]
    public async Task AnUnexpectedExceptionIsDownWithItsReasonAndTheCheckerGoesOn()
    {
        var reports = Channel.CreateUnbounded<Resource>();
        var listener = Listen(0);
        var configuration = Configuration(((IPEndPoint)listener.LocalEndpoint).Port, TimeSpan.FromSeconds(1));
        var clock = new ClockWithoutTimers();
        var checker = new TcpChecker(configuration, resource => reports.Writer.TryWrite(resource), clock);
        using var cancel = new CancellationTokenSource();
        var run = checker.RunAsync(cancel.Token);
        await Expect(reports, ResourceValue.Init);
        Assert.Contains(ClockWithoutTimers.Reason, (await Expect(reports, ResourceValue.Down)).Reason);
        clock.Works = true;
        await Expect(reports, ResourceValue.Up);
        await cancel.CancelAsync();
        await run.WaitAsync(_patience);
        listener.Stop();
    }

    [Fact]
    public async Task WhatTheListenerCouldNotTakeIsToldAgain()
    {
        var reports = Channel.CreateUnbounded<Resource>();
        var listener = Listen(0);
        var failures = 2;
        var checker = new TcpChecker(Configuration(((IPEndPoint)listener.LocalEndpoint).Port, _patience), resource =>
        {
            if (resource.Value == ResourceValue.Up && failures-- > 0)
                throw new InvalidOperationException("not now");
            reports.Writer.TryWrite(resource);
        });
        using var cancel = new CancellationTokenSource();
        var run = checker.RunAsync(cancel.Token);
        await Expect(reports, ResourceValue.Init);
        await Expect(reports, ResourceValue.Up);
        await cancel.CancelAsync();
        await run.WaitAsync(_patience);
        listener.Stop();
    }

    [Fact]
    public async Task TimesBeyondWhatTimersHoldAreTakenAsTheLongest()
    {
        var reports = Channel.CreateUnbounded<Resource>();
        var listener = Listen(0);
        var configuration = Configuration(((IPEndPoint)listener.LocalEndpoint).Port, TimeSpan.MaxValue) with { Interval = TimeSpan.MaxValue };
        using var cancel = new CancellationTokenSource();
        var run = new TcpChecker(configuration, resource => reports.Writer.TryWrite(resource)).RunAsync(cancel.Token);
        await Expect(reports, ResourceValue.Init);
        await Expect(reports, ResourceValue.Up);
        await cancel.CancelAsync();
        await run.WaitAsync(_patience);
        listener.Stop();
    }

    [Fact]
    public void TheTableKeepsTheDateOfAnUnchangedValue()
    {
        var table = new ResourceTable();
        var first = new Resource("tcp.web", ResourceValue.Up, DateTimeOffset.UnixEpoch, "one");
        Assert.True(table.Set(first));
        Assert.False(table.Set(first with { Since = DateTimeOffset.MaxValue, Reason = "two" }));
        Assert.Equal(first with { Reason = "two" }, table.Get("tcp.web"));
        Assert.True(table.Set(first with { Value = ResourceValue.Down, Since = DateTimeOffset.MaxValue }));
        Assert.Equal("tcp.web = down", Assert.Single(table.Snapshot()).ToString());
        table.Remove("tcp.web");
        Assert.Empty(table.Snapshot());
    }

    private static async Task<Resource> Expect(Channel<Resource> reports, ResourceValue value)
    {
        using var patience = new CancellationTokenSource(_patience);
        var resource = await reports.Reader.ReadAsync(patience.Token);
        Assert.Equal(value, resource.Value);
        return resource;
    }

    private static TcpListener Listen(int port)
    {
        var listener = new TcpListener(_address, port);
        listener.Start();
        return listener;
    }

    private static TcpCheckerConfiguration Configuration(int port, TimeSpan timeout) =>
        new("web", CheckerWhen.Both, CheckerAction.Restart, _address.ToString(), port, TimeSpan.FromMilliseconds(50), timeout);
}
