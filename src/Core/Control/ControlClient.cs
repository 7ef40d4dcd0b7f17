using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SafeKit.Core.Control;

/// <summary>
/// Client of one node's control API over its Unix socket. Every call ends in a bounded time: either with an answer or
/// with a <see cref="SafeKitException"/> that says what to do.
/// </summary>
public sealed class ControlClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _socketPath;

    public ControlClient(string socketPath, TimeSpan timeout)
    {
        _socketPath = socketPath;
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync })
        {
            BaseAddress = new Uri("http://safekit/api/v1/"),
            Timeout = timeout,
        };
    }

    public Task<NodeState> StateAsync(CancellationToken cancel = default) =>
        SendAsync(HttpMethod.Get, "state", null, ControlJson.Default.NodeState, cancel);

    public Task<ClusterState> ClusterStateAsync(CancellationToken cancel = default) =>
        SendAsync(HttpMethod.Get, "cluster/state", null, ControlJson.Default.ClusterState, cancel);

    public Task<IReadOnlyList<LogLine>> LogAsync(string module, int lines, bool all, CancellationToken cancel = default) =>
        SendAsync(
            HttpMethod.Get,
            $"modules/{Uri.EscapeDataString(module)}/log?lines={lines}&all={(all ? 1 : 0)}",
            null,
            ControlJson.Default.IReadOnlyListLogLine,
            cancel);

    /// <summary>Runs <paramref name="action"/> (start, stop, restart, stopstart, swap, prim, second, config, ...) on a module.</summary>
    /// <param name="identity">Who asks (<c>-i</c>); null for an administrator.</param>
    /// <param name="full">With <c>fullsync</c>.</param>
    public Task<ActionResult> ModuleActionAsync(
        string module, string action, string? identity = null, bool full = false, CancellationToken cancel = default)
    {
        var query = new List<string>();
        if (identity is not null)
            query.Add("identity=" + Uri.EscapeDataString(identity));
        if (full)
            query.Add("full=1");
        var path = $"modules/{Uri.EscapeDataString(module)}/{action}{(query.Count > 0 ? "?" : "")}{string.Join('&', query)}";
        return SendAsync(HttpMethod.Post, path, null, ControlJson.Default.ActionResult, cancel);
    }

    public Task<TraceAnswer> TraceAsync(TraceRequest request, CancellationToken cancel = default) =>
        SendAsync(
            HttpMethod.Post,
            "trace",
            Content(JsonSerializer.SerializeToUtf8Bytes(request, ControlJson.Default.TraceRequest), "application/json"),
            ControlJson.Default.TraceAnswer,
            cancel);

    /// <summary>Tries which modes of a virtual address work on this network.</summary>
    /// <param name="module">null for every farm module.</param>
    public Task<VipTestAnswer> VipTestAsync(string? module, CancellationToken cancel = default) =>
        SendAsync(
            HttpMethod.Post,
            "vip/test" + (module is null ? "" : "?module=" + Uri.EscapeDataString(module)),
            null,
            ControlJson.Default.VipTestAnswer,
            cancel);

    /// <summary>Sends a new <c>cluster.xml</c>; the daemon checks it before it replaces the one in force.</summary>
    public Task<ActionResult> ClusterConfigAsync(string xml, CancellationToken cancel = default) =>
        SendAsync(
            HttpMethod.Post,
            "cluster/config",
            Content(Encoding.UTF8.GetBytes(xml), "application/xml"),
            ControlJson.Default.ActionResult,
            cancel);

    public void Dispose() => _http.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socketPath), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        try
        {
            using var response = await _http.SendAsync(request, cancel);
            var content = await response.Content.ReadAsByteArrayAsync(cancel);
            if (!response.IsSuccessStatusCode)
                throw new SafeKitException(ErrorText(content, (int)response.StatusCode));
            return JsonSerializer.Deserialize(content, type)
                ?? throw new SafeKitException("safekitd gave an empty answer; look at its log: journalctl -u safekitd");
        }
        catch (HttpRequestException e)
        {
            throw new SafeKitException(
                $"safekitd does not answer on {_socketPath} ({e.InnerException?.Message ?? e.Message}); "
                    + "is it running? start it with: systemctl start safekitd",
                e);
        }
        catch (TaskCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new SafeKitException(
                $"safekitd did not answer within {_http.Timeout.TotalSeconds:0.#} s; look at its log: journalctl -u safekitd", e);
        }
    }

    private static ByteArrayContent Content(byte[] body, string mediaType) =>
        new(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    private static string ErrorText(byte[] content, int status)
    {
        try
        {
            var result = JsonSerializer.Deserialize(content, ControlJson.Default.ActionResult);
            if (result is { Message.Length: > 0 })
                return result.Message;
        }
        catch (JsonException)
        {
            // Not one of our answers: the status code is all there is to say.
        }

        return $"safekitd answered with HTTP status {status}";
    }
}
