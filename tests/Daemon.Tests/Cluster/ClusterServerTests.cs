using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Cluster;
using SafeKit.Daemon.Probing;
using SafeKit.Filter.Probing;

namespace SafeKit.Daemon.Tests.Cluster;

public class ClusterServerTests
{
    private static readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private static readonly ProbeSeat _seat = new("eth0", "02:00:00:00:00:02", "5a:fe:0a:63:00:64", "native", "", "no lan");

    [Fact]
    public async Task ANodeTellsItsState()
    {
        var (server, endpoint) = Listen();
        await using (server)
        {
            var answer = await ClusterClient.AskAsync(endpoint, _key, new ClusterQuestion(null), default);
            Assert.Equal("node2", answer.State?.Node);
        }
    }

    [Fact]
    public async Task AWrongKeyGetsNoAnswerAndIsNamed()
    {
        var (server, endpoint) = Listen();
        await using (server)
        {
            var e = await Assert.ThrowsAsync<SafeKitException>(() => ClusterClient.AskAsync(
                endpoint, RandomNumberGenerator.GetBytes(32), new ClusterQuestion(null), default));
            Assert.Contains("cluster.key", e.Message);
        }
    }

    [Fact]
    public async Task AStepOfATestTravelsWholeBothWays()
    {
        var (server, endpoint) = Listen();
        await using (server)
        {
            var question = new ProbeQuestion(ProbeStep.Open, new string('a', 32), "web", "10.0.0.100", [new ProbeTarget(ProbeKind.Own, "02:00:00:00:00:01")]);
            var answer = await ClusterClient.AskAsync(endpoint, _key, new ClusterQuestion(null, Probe: question), default);
            Assert.Equal("Open web 10.0.0.100 Own 02:00:00:00:00:01", answer.Probe?.Problem);
            Assert.Equal(new ProbeSighting(3, ProbeKind.Virtual), Assert.Single(answer.Probe!.Sightings!));
            Assert.Equal(_seat, answer.Probe.Seat);
        }
    }

    [Fact]
    public async Task GarbageDoesNotDisturbTheNextQuestion()
    {
        var (server, endpoint) = Listen();
        await using (server)
        {
            var random = new Random(7);
            for (var i = 0; i < 50; i++)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(endpoint);
                var garbage = new byte[random.Next(1, 4096)];
                random.NextBytes(garbage);
                await socket.SendAsync(garbage);
            }

            var answer = await ClusterClient.AskAsync(endpoint, _key, new ClusterQuestion(null), default);
            Assert.Equal("node2", answer.State?.Node);
        }
    }

    [Fact]
    public void AnAddressOfAnotherMachineIsRefusedWithTheRemedy()
    {
        var server = new ClusterServer(_key, Answer, NullLogger.Instance);
        var e = Assert.Throws<SafeKitException>(() => server.Listen(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 4800)));
        Assert.Contains("cluster.xml", e.Message);
    }

    private static (ClusterServer Server, IPEndPoint Endpoint) Listen()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var endpoint = (IPEndPoint)probe.LocalEndpoint;
        probe.Stop();
        var server = new ClusterServer(_key, Answer, NullLogger.Instance);
        server.Listen(endpoint);
        return (server, endpoint);
    }

    private static ClusterAnswer Answer(ClusterQuestion question) => question.Probe is { } probe
        ? new ClusterAnswer(null, null, null, new ProbeAnswer(
            $"{probe.Step} {probe.Module} {probe.Address} {probe.Targets[0].Kind} {probe.Targets[0].Mac}", _seat, [new ProbeSighting(3, ProbeKind.Virtual)]))
        : new ClusterAnswer(new ClusterNodeState("node2", true, "", "0123", true, []), null);
}
