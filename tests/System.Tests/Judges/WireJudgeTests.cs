using SafeKit.Lab.Capture;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Judges;

/// <summary>A judge that cannot convict proves nothing: every crime is shown to it once.</summary>
public sealed class WireJudgeTests
{
    private readonly WireJudge _judge = new();

    [Fact]
    public void One_node_answering_is_no_finding()
    {
        Client(5000, FrameMaker.Syn, 100);
        Node(1, 5000, FrameMaker.SynAck, 101);
        Node(1, 5000, FrameMaker.Ack, 150);

        var report = _judge.Report();
        Assert.Equal(0, report.DoubleAnswers);
        Assert.Equal(1, report.Accepted["node1"]);
        Assert.Empty(report.Findings);
    }

    [Fact]
    public void Two_nodes_accepting_one_connection_are_found()
    {
        Client(5000, FrameMaker.Syn, 100);
        Node(1, 5000, FrameMaker.SynAck, 101);
        Node(2, 5000, FrameMaker.SynAck, 101);

        Assert.Equal(1, _judge.Report().DoubleAnswers);
    }

    [Fact]
    public void A_second_node_answering_later_in_a_connection_is_found()
    {
        Client(5000, FrameMaker.Syn, 100);
        Node(1, 5000, FrameMaker.SynAck, 101);
        Node(3, 5000, FrameMaker.Ack, 150);

        Assert.Equal(1, _judge.Report().DoubleAnswers);
    }

    [Fact]
    public void A_retransmitted_syn_is_the_same_connection()
    {
        Client(5000, FrameMaker.Syn, 100);
        Node(1, 5000, FrameMaker.SynAck, 101);
        Client(5000, FrameMaker.Syn, 100);
        Node(2, 5000, FrameMaker.SynAck, 101);

        Assert.Equal(1, _judge.Report().DoubleAnswers);
    }

    [Fact]
    public void A_port_used_again_is_another_connection()
    {
        Client(5000, FrameMaker.Syn, 100);
        Node(1, 5000, FrameMaker.SynAck, 101);
        Client(5000, FrameMaker.Syn, 90_000);
        Node(2, 5000, FrameMaker.SynAck, 90_001);

        Assert.Equal(0, _judge.Report().DoubleAnswers);
    }

    [Fact]
    public void A_node_that_acknowledges_an_older_connection_on_the_same_ports_is_told_apart()
    {
        Client(5000, FrameMaker.Syn, 4_000_000_000);
        Node(1, 5000, FrameMaker.SynAck, 4_000_000_001);
        Node(3, 5000, FrameMaker.Ack, 150);

        Assert.Equal(0, _judge.Report().DoubleAnswers);
        Assert.Equal(1, _judge.Report().StaleAnswers);
    }

    [Fact]
    public void Resets_are_counted_by_node_and_are_no_answer()
    {
        Client(5000, FrameMaker.Syn, 100);
        Node(1, 5000, FrameMaker.SynAck, 101);
        Node(2, 5000, FrameMaker.Rst, 0);

        Assert.Equal(0, _judge.Report().DoubleAnswers);
        Assert.Equal(1, _judge.Report().Resets["node2"]);
    }

    [Fact]
    public void The_virtual_mac_as_a_source_is_found()
    {
        Show("node1", FrameMaker.Arp(LabAddresses.VirtualMac, LabAddresses.VirtualMac, "10.99.0.100"));

        Assert.Equal(1, _judge.Report().VirtualMacAsSource);
    }

    [Theory]
    [InlineData("10.99.0.100", 1)]
    [InlineData("10.99.0.11", 0)]
    public void A_node_that_tells_its_own_mac_for_the_virtual_address_is_found(string address, int expected)
    {
        Show("node1", FrameMaker.Arp(LabAddresses.NodeMac(1), LabAddresses.NodeMac(1), address));

        Assert.Equal(expected, _judge.Report().WrongMacTold);
    }

    [Fact]
    public void Neighbour_advertisements_are_judged_alike()
    {
        Show("node1", FrameMaker.Advertisement(LabAddresses.NodeMac(1), LabAddresses.NodeMac(1), "fd99::100"));
        Show("node2", FrameMaker.Advertisement(LabAddresses.NodeMac(2), LabAddresses.VirtualMac, "fd99::100"));

        Assert.Equal(1, _judge.Report().WrongMacTold);
        Assert.Equal(1, _judge.Report().VirtualMacTold);
    }

    [Fact]
    public void Frames_cut_short_anywhere_do_no_harm()
    {
        byte[][] frames =
        [
            FrameMaker.FromVirtual(1, 5000, FrameMaker.SynAck, 101),
            FrameMaker.Arp(LabAddresses.NodeMac(1), LabAddresses.NodeMac(1), "10.99.0.11"),
            FrameMaker.Advertisement(LabAddresses.NodeMac(1), LabAddresses.VirtualMac, "fd99::100"),
        ];
        foreach (var frame in frames)
        {
            for (var length = 0; length < frame.Length; length++)
                _judge.See("node1", frame.AsSpan(0, length), 0);
        }

        Assert.Equal(frames.Sum(frame => frame.Length), _judge.Report().Frames);
    }

    private void Client(ushort port, byte flags, uint sequence) =>
        Show("client1", FrameMaker.ToVirtual(port, flags, sequence));

    private void Node(int node, ushort port, byte flags, uint acknowledgement) =>
        Show($"node{node}", FrameMaker.FromVirtual(node, port, flags, acknowledgement));

    private void Show(string machine, byte[] frame) => _judge.See(machine, frame, atNs: 1);
}
