using System.Net;
using System.Net.Sockets;
using System.Text;
using SafeKit.Core;

namespace SafeKit.Lab.Load;

/// <summary>
/// One HTTP request on a connection of its own. Written on sockets, because the source port and the namespace of the
/// socket matter here and because a failure must be told by its kind.
/// </summary>
public static class HttpExchange
{
    private const int AnswerBytesMax = 4096;

    private static readonly byte[] _request =
        Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: virtual\r\nConnection: close\r\n\r\n");

    /// <summary>Makes a socket; call it on a thread of the client's namespace.</summary>
    /// <param name="sourcePort">0 lets the kernel choose.</param>
    public static Socket CreateSocket(AddressFamily family, int sourcePort)
    {
        var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (sourcePort == 0)
            return socket;
        // A port that is used again and again must leave no TIME_WAIT behind at either end.
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, sourcePort));
        return socket;
    }

    /// <summary>Connects, asks, reads the node's name, closes. Owns and disposes the socket.</summary>
    public static async Task<RequestOutcome> RunAsync(Socket socket, IPEndPoint target, TimeSpan timeout)
    {
        var sentNs = MonotonicClock.NowNs;
        var phase = "connect";
        using var limit = new CancellationTokenSource(timeout);
        using var owned = socket;
        try
        {
            await socket.ConnectAsync(target, limit.Token);
            phase = "answer";
            await socket.SendAsync(_request, limit.Token);
            var node = ParseNode(await ReadAnswerAsync(socket, limit.Token));
            return new RequestOutcome(node, node is null ? "bad-answer" : null, sentNs, MonotonicClock.NowNs);
        }
        catch (OperationCanceledException)
        {
            return new RequestOutcome(null, $"{phase}-timeout", sentNs, MonotonicClock.NowNs);
        }
        catch (SocketException e)
        {
            return new RequestOutcome(null, $"{phase}-{Name(e.SocketErrorCode)}", sentNs, MonotonicClock.NowNs);
        }
    }

    /// <summary>The node's name is the body; null when this is no whole answer.</summary>
    public static string? ParseNode(ReadOnlySpan<byte> answer)
    {
        if (!answer.StartsWith("HTTP/1.1 200 "u8))
            return null;
        var body = answer.IndexOf("\r\n\r\n"u8);
        return body < 0 || body + 4 >= answer.Length ? null : Encoding.ASCII.GetString(answer[(body + 4)..]).Trim();
    }

    /// <summary>A good answer to the last byte of its body, which is one line.</summary>
    public static bool IsWholeAnswer(ReadOnlySpan<byte> answer)
    {
        var body = answer.StartsWith("HTTP/1.1 200 "u8) ? answer.IndexOf("\r\n\r\n"u8) : -1;
        return body >= 0 && body + 4 < answer.Length && answer[^1] == '\n';
    }

    private static async Task<byte[]> ReadAnswerAsync(Socket socket, CancellationToken cancel)
    {
        var buffer = new byte[AnswerBytesMax];
        var length = 0;
        while (length < buffer.Length)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), cancel);
            if (received == 0)
                break;
            length += received;
        }

        return buffer[..length];
    }

    private static string Name(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "refused",
        SocketError.ConnectionReset => "reset",
        SocketError.HostUnreachable => "unreachable",
        SocketError.NetworkUnreachable => "unreachable",
        SocketError.TimedOut => "timeout",
        SocketError.AddressAlreadyInUse or SocketError.AddressNotAvailable => "no-port",
        _ => error.ToString().ToLowerInvariant(),
    };
}
