using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using SafeKit.Core;

namespace SafeKit.Daemon.Cluster;

/// <summary>Asks another node's daemon one question, in a bounded time.</summary>
public static class ClusterClient
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    /// <summary>A person waits for it, and a node that is merely busy must not be taken for one that is away.</summary>
    private static readonly TimeSpan _probePatience = TimeSpan.FromSeconds(5);

    /// <exception cref="SafeKitException">No answer in time, or not with the same cluster key.</exception>
    public static async Task<ClusterAnswer> AskAsync(
        IPEndPoint node, byte[] key, ClusterQuestion question, CancellationToken cancel)
    {
        var limit = question.Probe is null ? _patience : _probePatience;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(limit);
        try
        {
            using var socket = new Socket(node.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(node, patience.Token);
            await using var stream = new NetworkStream(socket);
            var sealedStream = await SealedStream.OpenAsync(stream, key, asks: true, patience.Token);
            await sealedStream.SendQuestionAsync(
                JsonSerializer.SerializeToUtf8Bytes(question, ClusterJson.Default.ClusterQuestion), patience.Token);
            return JsonSerializer.Deserialize(
                await sealedStream.ReceiveAnswerAsync(patience.Token), ClusterJson.Default.ClusterAnswer)
                ?? throw new SafeKitException("an empty answer");
        }
        catch (Exception e) when (e is SocketException or IOException or JsonException or InvalidDataException
            or AuthenticationTagMismatchException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new SafeKitException($"no answer from {node}: {Reason(e, limit)}", e);
        }
    }

    private static string Reason(Exception e, TimeSpan limit) => e switch
    {
        OperationCanceledException => $"nothing within {limit.TotalSeconds:0} s",
        // A node with another key closes the connection without an answer.
        EndOfStreamException => "it closed the connection; do both nodes have the same cluster.key?",
        _ => e.Message,
    };
}
