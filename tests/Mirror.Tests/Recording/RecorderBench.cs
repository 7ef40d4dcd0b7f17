using System.Net;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Recording;

/// <summary>A recorder with a journal of its own, and the other node's part played by hand.</summary>
internal sealed class RecorderBench : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RecorderBench(long windowBytes = 1 << 20, bool barrierWaitsForDisk = false, long journalBytesMax = 64 << 20)
    {
        Settings = new ReplicatedDataSettings
        {
            Module = "m",
            NodeName = "n1",
            PeerName = "n2",
            ClusterKey = new byte[32],
            Own = new IPEndPoint(IPAddress.Loopback, 0),
            Peer = new IPEndPoint(IPAddress.Loopback, 0),
            StateFolder = _folder.Path,
            Directories = [],
            WindowBytes = windowBytes,
            BarrierWaitsForDisk = barrierWaitsForDisk,
            JournalBytesMax = journalBytesMax,
        };
        Recorder = new ChangeRecorder(Settings, Journal.Create(_folder.Path, journalBytesMax));
    }

    public ReplicatedDataSettings Settings { get; }

    public ChangeRecorder Recorder { get; }

    /// <summary>Journaling, as a node that leads alone with a position that is known.</summary>
    public RecorderBench Lead()
    {
        Recorder.Start(7, 0, 3, 99);
        Recorder.ChapterBegun();
        return this;
    }

    /// <summary>Paired, from the first operation on.</summary>
    public RecorderBench Pair()
    {
        Lead();
        CatchUp(1);
        Confirm();
        return this;
    }

    public void CatchUp(ulong first)
    {
        Recorder.BeginCatchUp(first);
        JournalCursor cursor = Recorder.OpenJournal();
        while (!Recorder.MoveFromJournal(cursor))
            TakeAll();
        Recorder.SwitchToLive(cursor);
    }

    public void Confirm()
    {
        Assert.True(Recorder.BeginPairing(() => true));
        Recorder.AppendEnd("{}"u8);
        ulong last = TakeAll()[^1].Sequence;
        Recorder.Acknowledge(last, last);
        Recorder.Pair();
    }

    public ulong Write(ulong file, long offset, int length)
    {
        var header = OperationHeader.Of(OperationKind.Write, 0, file);
        header.Offset = offset;
        return Append(header, [], new byte[length]);
    }

    public ulong Create(ulong file, string name) => Append(OperationHeader.Of(OperationKind.Create, 0, file), System.Text.Encoding.UTF8.GetBytes(name), []);

    public ulong Sync(ulong file) => Append(OperationHeader.Of(OperationKind.Sync, 0, file), [], []);

    public ulong Append(OperationHeader header, byte[] name, byte[] data)
    {
        Assert.True(Recorder.TryEnter(new NeverParked()));
        ulong sequence = Recorder.Append(ref header, HandleOf(header.File), name, [], data);
        Recorder.Exit();
        return sequence;
    }

    public static FileHandle HandleOf(ulong file)
    {
        var handle = new FileHandle { Type = 1, Bytes = 8 };
        BitConverter.TryWriteBytes(handle.Buffer, file);
        return handle;
    }

    /// <summary>Sends everything: what the other node would receive.</summary>
    public List<OperationHeader> TakeAll()
    {
        var sent = new List<OperationHeader>();
        while (Recorder.WaitForBatch(5, out WindowBatch batch) || Recorder.WaitForBatch(5, out batch))
        {
            for (ReadOnlySpan<byte> rest = batch.Bytes; rest.Length > 0;)
            {
                Assert.Equal(OperationReadVerdict.Complete, Operation.TryRead(rest, out Operation operation));
                sent.Add(operation.Header);
                rest = rest[(int)operation.Header.Bytes..];
            }

            Recorder.BatchSent(batch);
        }

        return sent;
    }

    public void Dispose()
    {
        Recorder.Dispose();
        _folder.Dispose();
    }

    private sealed class NeverParked : IParkedRequest
    {
        public void Resume() => Assert.Fail("nothing should have been parked");
    }
}
