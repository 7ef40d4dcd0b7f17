using SafeKit.Filter;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Load;
using SafeKit.Lab.Native;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Crowd;

/// <summary>
/// Very many connections of many clients to the virtual address, held by a client machine without sockets: frames are written and read here.
/// So all that the kernel keeps of them is the servers'.
/// </summary>
public sealed class ConnectionCrowd : IDisposable
{
    private const string Interface = "eth0";
    private const int OutstandingMax = 4_000;
    private const int FrameBytesMax = 2_048;
    private const int ProgressStep = 64;
    private const int RepeatsMax = 10;

    /// <summary>What is without an answer after everything has been quiet for so long was lost.</summary>
    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(500);

    private readonly CrowdMember[] _members;
    private readonly Lock _lock = new();
    private readonly MacAddress _source;
    private readonly MacAddress _destination = MacAddress.Parse(LabAddresses.VirtualMac);
    private readonly NetworkNamespace _network;
    private readonly Thread _reader;
    private readonly AutoResetEvent _progress = new(false);
    private volatile bool _ending;
    private long _done;

    public ConnectionCrowd(LabClient client, int connections)
    {
        _members = new CrowdMember[connections];
        _source = MacAddress.Parse(LabAddresses.ClientMac(client.Number));
        _network = client.Network;
        _reader = _network.StartThread("crowd-reader", Read);
    }

    /// <summary>Leads the nodes' answers to the client's machine, where they are read.</summary>
    public static Task RouteAnswersAsync(LabNode node, LabClient client) =>
        node.Machine.IpAsync($"route add {CrowdAddresses.Network} via {client.Address4}");

    public int CountOf(Predicate<CrowdMember> condition)
    {
        lock (_lock)
            return _members.Count(member => condition(member));
    }

    /// <summary>Connections that a node answered last, by number.</summary>
    public IReadOnlyList<int> NumbersOf(int node)
    {
        lock (_lock)
            return [.. Enumerable.Range(0, _members.Length).Where(i => _members[i].State == CrowdState.Open && _members[i].Node == node)];
    }

    /// <summary>The node that answered each connection last; 0 for one that is not open or has no answer to its last question.</summary>
    public byte[] Nodes()
    {
        lock (_lock)
            return [.. _members.Select(member => member is { State: CrowdState.Open, IsAsking: false } ? member.Node : (byte)0)];
    }

    /// <summary>Opens all up to a number, and returns how many connections are open.</summary>
    public int Open(int count)
    {
        Work(count, member => member.State == CrowdState.None, member => member.State == CrowdState.Opening, isQuestion: false);
        return CountOf(member => member.State == CrowdState.Open);
    }

    /// <summary>Asks on every open connection and returns how many have answered.</summary>
    public int Ask()
    {
        Work(
            _members.Length,
            member => member.State == CrowdState.Open,
            member => member is { State: CrowdState.Open, IsAsking: true },
            isQuestion: true);
        return CountOf(member => member is { State: CrowdState.Open, IsAsking: false });
    }

    public void Dispose()
    {
        _ending = true;
        _reader.Join();
        _progress.Dispose();
    }

    /// <summary>Sends to the first ones, and again to those that are left, until none is or nothing helps.</summary>
    private void Work(int count, Predicate<CrowdMember> isFirst, Predicate<CrowdMember> isLeft, bool isQuestion) =>
        _network.StartThread("crowd-writer", () =>
        {
            using var sender = new FrameSender(Interface);
            SendTo(sender, count, isFirst, isQuestion);
            for (var repeat = 0; repeat < RepeatsMax && CountOf(isLeft) > 0; repeat++)
            {
                WaitForQuiet();
                SendTo(sender, count, isLeft, isQuestion);
            }

            WaitForQuiet();
        }).Join();

    private void SendTo(FrameSender sender, int count, Predicate<CrowdMember> isWanted, bool isQuestion)
    {
        var (sent, doneBefore) = (0L, Volatile.Read(ref _done));
        for (var next = 0; next < count;)
        {
            lock (_lock)
            {
                for (; next < count && !sender.IsFull; next++)
                {
                    if (!isWanted(_members[next]))
                        continue;
                    var ends = CrowdAddresses.EndsOf(next);
                    var segment = isQuestion ? _members[next].Ask(ends) : _members[next].Open(ends);
                    sender.Add(segment.Write(sender.Next, _destination, _source));
                }
            }

            sent += sender.Flush();

            // What is lost is no longer waited for once nothing else comes.
            while (sent - (Volatile.Read(ref _done) - doneBefore) > OutstandingMax && _progress.WaitOne(_quiet))
            {
            }
        }
    }

    private void WaitForQuiet()
    {
        while (_progress.WaitOne(_quiet))
        {
        }
    }

    private void Read()
    {
        using var receiver = new PacketSocket();
        using var sender = new FrameSender(Interface);
        var frame = new byte[FrameBytesMax];
        while (!_ending)
        {
            var length = receiver.Receive(frame, out _, out _);
            if (length > 0 && TcpSegment.TryRead(frame.AsSpan(0, length), out var segment))
                Take(segment, sender);
        }
    }

    private void Take(in TcpSegment segment, FrameSender sender)
    {
        var number = CrowdAddresses.NumberOf(segment);
        if (number < 0 || number >= _members.Length || segment.SourcePort != LabAddresses.WebPort)
            return;
        lock (_lock)
        {
            ref var member = ref _members[number];
            var (state, wasAsking) = (member.State, member.IsAsking);
            if (member.Take(segment))
                sender.Add(member.Acknowledge(CrowdAddresses.EndsOf(number)).Write(sender.Next, _destination, _source));
            if (member.State != state || member.IsAsking != wasAsking)
                _done++;
        }

        _ = sender.Flush();
        if (_done % ProgressStep == 0)
            _progress.Set();
    }
}
