using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>
/// No directory is replicated by two modules of a node, and none lies in another's: each module mounts its own over itself. Pure.
/// </summary>
public static class DirectoryOverlap
{
    /// <summary>What overlaps, with its place and the remedy; null when nothing does.</summary>
    /// <param name="file">The configuration that is about to be applied, as the administrator knows it.</param>
    /// <param name="others">Modules whose configuration is in force.</param>
    public static string? Find(string file, UserConfiguration configuration, IEnumerable<(string Module, UserConfiguration Configuration)> others)
    {
        foreach (var (module, other) in others)
        {
            foreach (var directory in configuration.Replication?.Directories ?? [])
            {
                var taken = other.Replication?.Directories.FirstOrDefault(one => Overlap(one.Dir, directory.Dir));
                if (taken is not null)
                {
                    return $"{file}:{directory.Place.Line}:{directory.Place.Column}: directory {directory.Dir} overlaps {taken.Dir}, which module {module} replicates"
                        + " -> replicate it in one of the two modules only";
                }
            }
        }

        return null;
    }

    private static bool Overlap(string one, string other) => one == other || IsBelow(one, other) || IsBelow(other, one);

    private static bool IsBelow(string dir, string parent) => dir.StartsWith(parent + "/", StringComparison.Ordinal);
}
