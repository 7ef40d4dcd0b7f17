namespace SafeKit.Daemon.Logging;

/// <summary>Every line that the daemon itself writes to the service's log, with stable event numbers.</summary>
public static partial class LogMessages
{
    [LoggerMessage(1000, LogLevel.Information, "safekitd {version} starting on {node}: root {root}, {modules} module(s)")]
    public static partial void Starting(ILogger logger, string version, string node, string root, int modules);

    [LoggerMessage(1001, LogLevel.Information, "safekitd stopping: {reason}")]
    public static partial void Stopping(ILogger logger, string reason);

    [LoggerMessage(1002, LogLevel.Error, "{message}")]
    public static partial void Fatal(ILogger logger, string message);

    [LoggerMessage(1003, LogLevel.Warning, "{message}")]
    public static partial void NotConfigured(ILogger logger, string message);

    [LoggerMessage(1004, LogLevel.Information, "command {command} on module {module} by {caller}: {outcome}")]
    public static partial void Command(ILogger logger, string command, string module, string caller, string outcome);

    [LoggerMessage(1005, LogLevel.Warning, "the log file {file} cannot be written: {error}")]
    public static partial void LogFileFailed(ILogger logger, string file, string error);

    [LoggerMessage(1006, LogLevel.Warning, "cluster channel: {message}")]
    public static partial void ClusterChannel(ILogger logger, string message);

    [LoggerMessage(1007, LogLevel.Warning, "packet filter: {note}")]
    public static partial void Filter(ILogger logger, string note);

    [LoggerMessage(1008, LogLevel.Information, "vip test of module {module}, {address}: {mode} {verdict}; rule={rule}: {reason}")]
    public static partial void VipTest(
        ILogger logger, string module, string address, string mode, string verdict, string rule, string reason);

    [LoggerMessage(EventId = 1100, Message = "{module} | {origin} | {message}")]
    public static partial void Module(ILogger logger, LogLevel level, string module, string origin, string message);
}
