using SafeKit.Lab.Capture;

namespace SafeKit.SystemTests.Judges;

/// <summary>One packet, one answering node: each kind of packet answered twice is shown to the judge, and what only looks like it.</summary>
public sealed class AnswerWatchTests
{
    private readonly WireJudge _judge = new();

    [Fact]
    public void An_echo_request_that_two_nodes_answer_is_found()
    {
        Client(FrameMaker.Echo(node: 0, number: 7));
        Node(1, FrameMaker.Echo(1, 7));
        Node(2, FrameMaker.Echo(2, 7));

        Assert.Equal(1, _judge.Report().AnsweredTwice);
        Assert.False(_judge.Report().IsClosed);
    }

    [Fact]
    public void Two_echo_requests_that_a_node_each_answers_are_no_finding()
    {
        Client(FrameMaker.Echo(node: 0, number: 7));
        Node(1, FrameMaker.Echo(1, 7));
        Client(FrameMaker.Echo(node: 0, number: 8));
        Node(2, FrameMaker.Echo(2, 8));

        var report = _judge.Report();
        Assert.True(report is { Asked: 2, Answered: 2, AnsweredTwice: 0 });
    }

    [Fact]
    public void A_syn_that_one_node_accepts_and_another_refuses_is_found()
    {
        Client(FrameMaker.ToVirtual(5000, FrameMaker.Syn, 100));
        Node(1, FrameMaker.FromVirtual(1, 5000, FrameMaker.SynAck, 101));
        Node(2, FrameMaker.FromVirtual(2, 5000, FrameMaker.Rst | FrameMaker.Ack, 101));

        Assert.Equal(1, _judge.Report().AnsweredTwice);
    }

    [Fact]
    public void Data_that_two_nodes_acknowledge_are_found()
    {
        Client(FrameMaker.ToVirtual(5000, FrameMaker.Ack, 101, bytes: 9));
        Node(1, FrameMaker.FromVirtual(1, 5000, FrameMaker.Ack, 110));
        Node(2, FrameMaker.FromVirtual(2, 5000, FrameMaker.Ack, 110));

        Assert.Equal(1, _judge.Report().AnsweredTwice);
    }

    [Fact]
    public void A_repeated_packet_may_be_answered_once_more_by_an_heir()
    {
        Client(FrameMaker.ToVirtual(5000, FrameMaker.Syn, 100));
        Client(FrameMaker.ToVirtual(5000, FrameMaker.Syn, 100));
        Node(1, FrameMaker.FromVirtual(1, 5000, FrameMaker.SynAck, 101));
        Node(2, FrameMaker.FromVirtual(2, 5000, FrameMaker.Rst | FrameMaker.Ack, 101));
        Assert.Equal(0, _judge.Report().AnsweredTwice);

        Node(3, FrameMaker.FromVirtual(3, 5000, FrameMaker.Rst | FrameMaker.Ack, 101));
        Assert.Equal(1, _judge.Report().AnsweredTwice);
    }

    private void Client(byte[] frame) => _judge.See("client1", frame, atNs: 0);

    private void Node(int number, byte[] frame) => _judge.See($"node{number}", frame, atNs: 0);
}
