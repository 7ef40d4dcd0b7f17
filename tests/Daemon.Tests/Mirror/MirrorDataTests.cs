using Microsoft.Extensions.Logging.Abstractions;
using SafeKit.Core;
using SafeKit.Daemon.Logging;
using SafeKit.Daemon.Mirror;
using SafeKit.Mirror;
using SafeKit.Mirror.Generations;
using SafeKit.Modules;

namespace SafeKit.Daemon.Tests.Mirror;

/// <summary>Orders to the data, and what it tells, in the right order. The data itself is in the hands of the test.</summary>
public sealed class MirrorDataTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly string _folder = Directory.CreateTempSubdirectory("safekit-data-").FullName;
    private readonly ModuleLog _log;
    private readonly HandHeldData _held = new();
    private readonly System.Threading.Channels.Channel<MirrorEvent> _told = System.Threading.Channels.Channel.CreateUnbounded<MirrorEvent>();

    public MirrorDataTests() => _log = new ModuleLog("app", _folder, NullLogger.Instance);

    [Fact]
    public async Task LeadingIsAnsweredAfterTheRecord()
    {
        await using var data = Open();
        data.Lead(LeadOrder.Current);
        _held.Record = _held.Record with { Standing = DataStanding.Alone };
        _held.Done.SetResult();
        Assert.Equal(MirrorDataStanding.Alone, Assert.IsType<MirrorEvent.OwnDataChanged>(await NextAsync()).Data.Standing);
        Assert.IsType<MirrorEvent.DataLeading>(await NextAsync());
    }

    [Fact]
    public async Task AStopCutsShortWhatIsUnderWayAndIsAnswered()
    {
        await using var data = Open();
        data.Lead(LeadOrder.Current);
        Assert.False(data.IsIdle);
        data.Stop();
        Assert.IsType<MirrorEvent.OwnDataChanged>(await NextAsync());
        Assert.IsType<MirrorEvent.DataFailed>(await NextAsync());
        Assert.IsType<MirrorEvent.DataStopped>(await NextAsync());
        Assert.Equal(["lead", "leave"], _held.Orders);
    }

    [Fact]
    public async Task AStopThatFailsIsAnsweredToo()
    {
        _held.Failure = new SafeKitException("the mount is busy");
        await using var data = Open();
        data.Stop();
        Assert.IsType<MirrorEvent.OwnDataChanged>(await NextAsync());
        Assert.IsType<MirrorEvent.DataStopped>(await NextAsync());
        Assert.Contains(_log.Newest(10, all: true), line => line.Message.Contains("the mount is busy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatFailsSaysWhy()
    {
        _held.Failure = new SafeKitException("no mount");
        await using var data = Open();
        data.Promote();
        Assert.IsType<MirrorEvent.OwnDataChanged>(await NextAsync());
        Assert.Equal("no mount", Assert.IsType<MirrorEvent.PromoteFailed>(await NextAsync()).Reason);
    }

    [Fact]
    public async Task ADirectoryThatFailsWhileItIsLedIsDegraded()
    {
        await using var data = Open();
        IReplicatedDataEvents events = data;
        _held.Done.SetResult();
        data.Lead(LeadOrder.Current);
        Assert.IsType<MirrorEvent.OwnDataChanged>(await NextAsync());
        Assert.IsType<MirrorEvent.DataLeading>(await NextAsync());
        events.Failed("the mount is gone");
        Assert.IsType<MirrorEvent.DataFailed>(await NextAsync());
        Assert.True(data.IsDegraded);
    }

    [Fact]
    public async Task ARecordThatTheDiskRefusesIsTriedAgain()
    {
        await using var data = Open();
        _held.Failure = new SafeKitException("no space left");
        await data.DeclareOutdatedAsync("the primary goes on alone");
        Assert.Contains(_log.Newest(10, all: true), line => line.Message.Contains("no space left", StringComparison.Ordinal));
        _held.Failure = null;
        Assert.IsType<MirrorEvent.OwnDataChanged>(await NextAsync());
        Assert.IsType<MirrorEvent.OutdatedDeclared>(await NextAsync());
    }

    [Fact]
    public async Task ARefusedRecordOfARoleThatHasEndedIsForgotten()
    {
        await using var data = Open();
        _held.Failure = new SafeKitException("no space left");
        await data.DetachAsync("no heartbeat");
        data.Stop();
        Assert.IsType<MirrorEvent.OwnDataChanged>(await NextAsync());
        Assert.IsType<MirrorEvent.DataStopped>(await NextAsync());
        _held.Failure = null;
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.DoesNotContain("detach", _held.Orders);
    }

    public void Dispose()
    {
        _log.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private MirrorData Open()
    {
        var settings = new ReplicatedDataSettings
        {
            Module = "app",
            NodeName = "node1",
            PeerName = "node2",
            ClusterKey = new byte[32],
            Own = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1),
            Peer = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 2),
            StateFolder = _folder,
            Directories = [],
        };
        return new MirrorData(settings, (_, _) => _held, _log, occurrence => _told.Writer.TryWrite(occurrence), () => { });
    }

    private Task<MirrorEvent> NextAsync() => _told.Reader.ReadAsync().AsTask().WaitAsync(_patience);

    private sealed class HandHeldData : IReplicatedData
    {
        private DataRole _role;

        public GenerationRecord Record { get; set; } = GenerationRecord.Empty;

        public ReplicatedDataStatus Status => new() { Role = _role };

        public List<string> Orders { get; } = [];

        public TaskCompletionSource Done { get; } = new();

        public SafeKitException? Failure { get; set; }

        public Task LeadAsync(LeadOrder order, CancellationToken cancel) => CarryOutAsync("lead", DataRole.Leading, cancel);

        public Task FollowAsync(bool full, CancellationToken cancel) => CarryOutAsync("follow", DataRole.Following, cancel);

        public Task PromoteAsync(CancellationToken cancel) => CarryOutAsync("promote", DataRole.Leading, cancel);

        public void Detach(string rule) => Write("detach");

        public void DeclareOutdated(string rule) => Write("outdated");

        public Task LeaveAsync(CancellationToken cancel)
        {
            Orders.Add("leave");
            _role = DataRole.None;
            return Failure is null ? Task.CompletedTask : Task.FromException(Failure);
        }

        public Task<VerifyReport> VerifyAsync(CancellationToken cancel) => Task.FromResult(new VerifyReport(0, 0, 0, [], 0));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Write(string order)
        {
            if (Failure is { } failure)
                throw failure;
            Orders.Add(order);
        }

        private async Task CarryOutAsync(string order, DataRole role, CancellationToken cancel)
        {
            Orders.Add(order);
            if (Failure is not null)
                throw Failure;
            await Done.Task.WaitAsync(cancel);
            _role = role;
        }
    }
}
