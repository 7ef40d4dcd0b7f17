using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Logging;

namespace SafeKit.Daemon.Api;

/// <summary>
/// The control API: HTTP and JSON on a Unix socket that only root and the group <c>safekit</c> may open. Status is
/// answered from memory and never waits for anything (A1).
/// </summary>
public sealed class ControlApi(NodeDaemon node, ILogger logger)
{
    private const string Prefix = "/api/v1/";

    /// <summary>Every call of the API. Few and fixed, so that a pattern says it better than a routing library.</summary>
    public Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        string[] segments = path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..].Split('/') : [];
        return (context.Request.Method, segments) switch
        {
            ("GET", ["state"]) => StateAsync(context),
            ("GET", ["cluster", "state"]) => ClusterStateAsync(context),
            ("POST", ["cluster", "config"]) => GuardedAsync(context, "cluster config", "-", () => ClusterConfigAsync(context)),
            ("POST", ["trace"]) => TraceAsync(context),
            ("POST", ["vip", "test"]) => VipTestAsync(context),
            ("GET", ["modules", var module, "log"]) => LogAsync(context, module),
            ("POST", ["modules", var module, var action]) when NodeDaemon.ModuleActions.Contains(action) =>
                ActionAsync(context, module, action),
            _ => NotFoundAsync(context),
        };
    }

    private Task StateAsync(HttpContext context) => WriteAsync(context, node.State(), ControlJson.Default.NodeState);

    private async Task ClusterStateAsync(HttpContext context)
    {
        var answer = await AnswerAsync(context, () => node.ClusterStateAsync(context.RequestAborted));
        if (answer is not null)
            await WriteAsync(context, answer, ControlJson.Default.ClusterState);
    }

    private Task ActionAsync(HttpContext context, string module, string action)
    {
        var query = context.Request.Query;
        var order = new ModuleOrder(action, query["identity"].FirstOrDefault(), query["full"] == "1");
        return GuardedAsync(context, order.Words, module, () => node.ModuleActionAsync(module, order, context.RequestAborted));
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        var text = $"there is no call {context.Request.Method} {context.Request.Path}; is safekit of the same version as safekitd?";
        return WriteAsync(context, new ActionResult(false, text), ControlJson.Default.ActionResult);
    }

    private async Task<ActionResult> ClusterConfigAsync(HttpContext context)
    {
        if (context.Request.ContentLength is not (> 0 and <= Limits.ConfigurationBytesMax))
            throw new SafeKitException($"cluster.xml must have between 1 and {Limits.ConfigurationBytesMax} bytes");
        using var reader = new StreamReader(context.Request.Body);
        return await node.ClusterConfigAsync(await reader.ReadToEndAsync(context.RequestAborted));
    }

    private async Task TraceAsync(HttpContext context)
    {
        var answer = await AnswerAsync(context, async () =>
        {
            var request = await JsonSerializer.DeserializeAsync(
                context.Request.Body, ControlJson.Default.TraceRequest, context.RequestAborted);
            return await node.TraceAsync(
                request ?? throw new SafeKitException("the trace request is empty"), context.RequestAborted);
        });
        if (answer is not null)
            await WriteAsync(context, answer, ControlJson.Default.TraceAnswer);
    }

    private async Task VipTestAsync(HttpContext context)
    {
        var module = context.Request.Query["module"].FirstOrDefault();
        var answer = await AnswerAsync(context, () => node.VipTestAsync(module, context.RequestAborted));
        if (answer is not null)
            await WriteAsync(context, answer, ControlJson.Default.VipTestAnswer);
    }

    private async Task LogAsync(HttpContext context, string module)
    {
        var query = context.Request.Query;
        var lines = int.TryParse(query["lines"].FirstOrDefault(), out var n) ? n : 300;
        var answer = await AnswerAsync(
            context, () => Task.FromResult(node.Log(module, lines, query["all"] == "1")));
        if (answer is not null)
            await WriteAsync(context, answer, ControlJson.Default.IReadOnlyListLogLine);
    }

    /// <summary>Runs a command, writes it to the audit log, answers with its outcome.</summary>
    private async Task GuardedAsync(
        HttpContext context, string command, string module, Func<Task<ActionResult>> run)
    {
        var result = await AnswerAsync(context, run);
        LogMessages.Command(logger, command, module, "local", result?.Message ?? "refused");
        if (result is not null)
            await WriteAsync(context, result, ControlJson.Default.ActionResult);
    }

    /// <summary>Null when the work failed and the failure has been answered.</summary>
    private async Task<T?> AnswerAsync<T>(HttpContext context, Func<Task<T>> work)
        where T : class
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is SafeKitException or JsonException)
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            await WriteAsync(context, new ActionResult(false, e.Message), ControlJson.Default.ActionResult);
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogMessages.Fatal(logger, $"{context.Request.Method} {context.Request.Path}: {e}");
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await WriteAsync(
                context, new ActionResult(false, "internal error, please report it with the daemon's log: " + e.Message), ControlJson.Default.ActionResult);
            return null;
        }
    }

    private static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(value, type)).AsTask();
    }
}
