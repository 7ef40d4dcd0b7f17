using System.Diagnostics;

namespace SafeKit.Lab.Isolation;

/// <summary>
/// The lab's temporary folder. A small process waits for the lab's end on a pipe and then removes the folder, so that
/// it goes even when the lab is killed with -9.
/// </summary>
public sealed class LabFolder : IAsyncDisposable
{
    // Processes that are just being killed may still write: hence more than one attempt.
    private const string JanitorScript =
        "cat > /dev/null; n=0; while [ -e \"$1\" ] && [ $n -lt 100 ]; do rm -rf -- \"$1\" 2> /dev/null; "
        + "n=$((n + 1)); [ -e \"$1\" ] && sleep 0.1; done; exit 0";

    /// <summary>A lab may have made millions of files.</summary>
    private static readonly TimeSpan _removalLimit = TimeSpan.FromMinutes(10);

    private readonly Process _janitor;

    private bool _disposed;

    private LabFolder(string path, Process janitor)
    {
        Path = path;
        _janitor = janitor;
    }

    public string Path { get; }

    /// <summary>Makes the folder. Its path is short because the path of a Unix socket below it may have 107 bytes only.</summary>
    /// <param name="parent">Where; null: in the folder for temporary files, which may be in memory.</param>
    public static LabFolder Create(string? parent = null)
    {
        var folder = parent is null
            ? Directory.CreateTempSubdirectory("sklab-")
            : Directory.CreateDirectory(System.IO.Path.Combine(parent, $"sklab-{System.IO.Path.GetRandomFileName()[..6]}"));
        var start = new ProcessStartInfo("setsid", ["sh", "-c", JanitorScript, "safekit-lab-janitor", folder.FullName])
        {
            RedirectStandardInput = true,
        };
        return new LabFolder(folder.FullName, Process.Start(start) ?? throw new LabException("setsid did not start"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        _janitor.StandardInput.Close();
        using var limit = new CancellationTokenSource(_removalLimit);
        await _janitor.WaitForExitAsync(limit.Token);
        _janitor.Dispose();
    }
}
