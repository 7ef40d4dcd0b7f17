using Microsoft.Extensions.Logging.Console;
using SafeKit.Core;
using SafeKit.Daemon.Api;
using SafeKit.Daemon.Logging;

namespace SafeKit.Daemon;

/// <summary>
/// The life of the process <c>safekitd</c>: lock, control API, node, ready; then wait for a signal or a fatal failure; then
/// leave cleanly: every module leaves its view before its application is stopped, and the API answers until the end.
/// </summary>
public static class DaemonProgram
{
    private const int ExitFailed = 1;
    private const int WorkerThreadsMin = 8;

    /// <summary>A restart does not wait for questions under way.</summary>
    private static readonly TimeSpan _apiLimit = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var paths = PathsFrom(args);
            using var daemonLock = DaemonLock.Take(paths);
            return await RunLockedAsync(paths);
        }
        catch (SafeKitException e)
        {
            await Console.Error.WriteLineAsync("safekitd: " + e.Message);
            return ExitFailed;
        }
    }

    private static NodePaths PathsFrom(string[] args) => args switch
    {
        [] => NodePaths.FromEnvironment(),
        ["--root", var root] => new NodePaths(root),
        _ => throw new SafeKitException($"usage: safekitd [--root FOLDER]   (or ${NodePaths.RootVariable})"),
    };

    private static async Task<int> RunLockedAsync(NodePaths paths)
    {
        // Modules start and status answers at the same time, also on a machine with one processor.
        ThreadPool.SetMinThreads(WorkerThreadsMin, WorkerThreadsMin);
        using var signals = new StopSignals();
        ControlSocket.Prepare(paths.ControlSocket);
        await using var app = Build(paths);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("safekitd");
        await using var node = new NodeDaemon(paths, app.Services.GetRequiredService<ILoggerFactory>(), signals.Fail);
        // The modules first: a life that is to be resumed has no time to lose.
        await node.StartAsync();
        app.Run(new ControlApi(node, logger).HandleAsync);
        await app.StartAsync();
        ControlSocket.Protect(paths.ControlSocket);
        using var serviceManager = new ServiceManager();
        serviceManager.Ready("running");
        serviceManager.StartWatchdog(() => node.Healthy);

        var (reason, end) = await signals.Stopped;
        var handsOver = end == DaemonEnd.HandOver || (end == DaemonEnd.AskServiceManager && serviceManager.IsRestarting());
        LogMessages.Stopping(logger, reason + (handsOver ? ": another daemon follows, everything goes on" : ""));
        serviceManager.Stopping();
        await (handsOver ? node.HandOverAsync() : node.StopAsync());
        using var apiLimit = new CancellationTokenSource(handsOver ? _apiLimit : Timeout.InfiniteTimeSpan);
        await app.StopAsync(apiLimit.Token);
        return end == DaemonEnd.Failed ? ExitFailed : 0;
    }

    private static WebApplication Build(NodePaths paths)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddSystemdConsole(o => o.IncludeScopes = false);
        builder.Services.AddSingleton<IHostLifetime, ManualLifetime>();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Limits.ConfigurationBytesMax;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.ListenUnixSocket(paths.ControlSocket);
        });
        return builder.Build();
    }
}
