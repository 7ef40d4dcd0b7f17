using System.Diagnostics;
using SafeKit.Filter;
using SafeKit.Filter.Packets;
using SafeKit.Lab.Native;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Load;

/// <summary>
/// SYNs of random sources, which nobody ever answers, from one thread of a client: at full rate, or for a share of the time. A node's answers
/// come back to the client's interface where <see cref="RouteAnswersAsync"/> leads them, and end there.
/// </summary>
public sealed class SynFlood : IDisposable
{
    private const string Interface = "eth0";
    private static readonly TimeSpan _period = TimeSpan.FromMilliseconds(10);

    private readonly MacAddress _source;
    private readonly MacAddress _destination;
    private readonly double _share;
    private readonly Random _random = new(1);
    private readonly Thread _thread;
    private volatile bool _ending;
    private long _sent;

    /// <param name="client">Who sends.</param>
    /// <param name="share">Part of the time in which it sends, above 0 to 1.</param>
    /// <param name="destination">To whose MAC; the farm's takes it to every node.</param>
    public SynFlood(LabClient client, double share, MacAddress destination)
    {
        _source = MacAddress.Parse(LabAddresses.ClientMac(client.Number));
        _destination = destination;
        _share = share;
        _thread = client.Network.StartThread($"flood-{client.Name}", Send);
    }

    /// <summary>SYNs that the kernel has taken.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Answers to addresses that nobody has leave a node for the client: a node without a route would not even begin to answer.</summary>
    public static Task RouteAnswersAsync(LabNode node, LabClient client) => node.Machine.IpAsync($"route add default via {client.Address4}");

    /// <summary>An address that a stranger may have: not of this network, not of special use.</summary>
    public static bool IsForeign(uint address) => (address >> 24) is > 0 and not 10 and not 127 and < 224;

    public void Dispose()
    {
        _ending = true;
        _thread.Join();
    }

    private void Send()
    {
        using var sender = new FrameSender(Interface);
        var clock = Stopwatch.StartNew();
        while (!_ending)
        {
            var start = clock.Elapsed;
            while (!_ending && (_share >= 1 || clock.Elapsed - start < _period * _share))
                SendBatch(sender);
            if (_share < 1)
                Thread.Sleep(_period * (1 - _share));
        }
    }

    private void SendBatch(FrameSender sender)
    {
        while (!sender.IsFull)
            sender.Add(NextSyn().Write(sender.Next, _destination, _source));
        Volatile.Write(ref _sent, _sent + sender.Flush());
    }

    private TcpSegment NextSyn()
    {
        uint address;
        do
            address = (uint)_random.NextInt64(uint.MaxValue);
        while (!IsForeign(address));
        return new TcpSegment(
            address,
            (ushort)_random.Next(1024, 65536),
            LabAddresses.NumberOf(LabAddresses.Virtual4),
            LabAddresses.WebPort,
            (uint)_random.NextInt64(uint.MaxValue),
            0,
            TcpFlags.Syn);
    }
}
