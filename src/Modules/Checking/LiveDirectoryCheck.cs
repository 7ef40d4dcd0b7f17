namespace SafeKit.Modules;

/// <summary>The replicated directories on the node that shall run the module.</summary>
internal static class LiveDirectoryCheck
{
    private const string Mounts = "/proc/self/mounts";

    public static void Check(UserConfiguration configuration, FindingList findings)
    {
        var mounted = MountedByUs();
        foreach (var directory in configuration.Replication?.Directories ?? [])
        {
            // A running module answers for this path itself: whoever asks may be the one who has to answer.
            if (mounted.Contains(directory.Dir))
                continue;
            if (File.Exists(directory.Dir))
                findings.Error(directory.Place, $"{directory.Dir} is not a directory", "replicate the directory that holds it");
            else if (!Directory.Exists(directory.Dir))
                findings.Error(
                    directory.Place, $"directory {directory.Dir} does not exist on this node", $"mkdir -p {directory.Dir}, on both nodes");
            else
                CheckGuards(directory, findings);
        }
    }

    private static void CheckGuards(ReplicatedDirectoryConfiguration directory, FindingList findings)
    {
        foreach (var path in directory.ToCheck.Where(path => path.Length > 0 && !Path.Exists(Path.Combine(directory.Dir, path))))
            findings.Warning(
                directory.Place,
                $"<tocheck path=\"{path}\"> is missing in {directory.Dir}: the module would not start",
                "mount what belongs there, or remove <tocheck>");
    }

    private static HashSet<string> MountedByUs()
    {
        try
        {
            return
            [
                .. File.ReadLines(Mounts)
                    .Select(line => line.Split(' '))
                    .Where(fields => fields.Length > 2 && fields[2].StartsWith("fuse", StringComparison.Ordinal))
                    .Select(fields => fields[1]),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
