using SafeKit.Mirror;
using SafeKit.Mirror.FileSystem;
using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>
/// Looks again and again, while nothing is mounted, whether the replicated directories and what they must hold are there: a guard against
/// a disk that is not mounted, or not writable. While they are mounted nobody of the daemon touches them by name.
/// </summary>
public sealed class DirectoryWatch(
    IReadOnlyList<ReplicatedDirectory> directories, Func<bool> isIdle, ResourceTable resources, Action<Resource> changed)
{
    public const string ResourceName = "rfs.directories";
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    /// <summary>What the machine is to know of it: the module waits until they are there.</summary>
    public static MirrorChecker Checker { get; } = new(ResourceName, "rfs_directories", CheckerWhen.Pre, CheckerAction.Wait);

    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                if (isIdle())
                    Look(cancel);
                await Task.Delay(_interval, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // The module is stopping.
        }
    }

    /// <summary>What is missing, and what to do; null when all is there.</summary>
    public static string? Missing(IReadOnlyList<ReplicatedDirectory> directories)
    {
        foreach (var directory in directories)
        {
            if (!Directory.Exists(directory.Path))
                return $"directory {directory.Path} does not exist: mount its disk, or make it";
            if (DirectoryObstacle.Of(directory.Path) is { } obstacle)
                return obstacle;
            if (directory.ToCheck.FirstOrDefault(path => !Path.Exists(Path.Combine(directory.Path, path))) is { } missing)
                return $"<tocheck path=\"{missing}\"> is missing in {directory.Path}: is its disk mounted?";
        }

        return null;
    }

    private void Look(CancellationToken stillWanted)
    {
        var missing = Missing(directories);
        if (stillWanted.IsCancellationRequested)
            return;
        var resource = new Resource(
            ResourceName, missing is null ? ResourceValue.Up : ResourceValue.Down, DateTimeOffset.UtcNow, missing ?? "all there");
        if (resources.Set(resource))
            changed(resource);
    }
}
