using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using SafeKit.Core;

namespace SafeKit.Daemon.Tests;

/// <summary>A real <c>safekitd</c> on a root of its own, with a service manager's socket that hears what it reports.</summary>
public sealed class DaemonProcess : IDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("safekitd-").FullName;
    private readonly Socket _notifications = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Process _process;

    public DaemonProcess(TimeSpan? watchdog = null)
    {
        var socket = Path.Combine(_folder, "notify");
        _notifications.Bind(new UnixDomainSocketEndPoint(socket));
        _notifications.ReceiveTimeout = (int)_patience.TotalMilliseconds;
        Paths = new NodePaths(Path.Combine(_folder, "root"));
        _process = Start(Paths, socket, watchdog);
    }

    public NodePaths Paths { get; }

    /// <summary>Starts another daemon on the same root and returns how it ended.</summary>
    public (int ExitCode, string Error) StartSecond()
    {
        using var second = Start(Paths, "", null);
        var error = second.StandardError.ReadToEnd();
        second.WaitForExit(_patience);
        return (second.ExitCode, error);
    }

    /// <summary>Reads reports until one contains <paramref name="text"/>.</summary>
    public void AwaitReport(string text)
    {
        var buffer = new byte[4096];
        while (true)
        {
            var report = Encoding.UTF8.GetString(buffer, 0, _notifications.Receive(buffer));
            if (report.Contains(text, StringComparison.Ordinal))
                return;
        }
    }

    public int Terminate()
    {
        using var kill = Process.Start("kill", [$"-{SigTerm}", $"{_process.Id}"]);
        Assert.True(_process.WaitForExit(_patience), "the daemon ends on SIGTERM");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _notifications.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Start(NodePaths paths, string notifySocket, TimeSpan? watchdog)
    {
        var info = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "safekitd.dll"), "--root", paths.Root },
            RedirectStandardError = true,
        };
        if (notifySocket.Length > 0)
            info.Environment["NOTIFY_SOCKET"] = notifySocket;
        if (watchdog is { } interval)
            info.Environment["WATCHDOG_USEC"] = $"{interval.TotalMicroseconds:0}";
        return Process.Start(info)!;
    }
}
