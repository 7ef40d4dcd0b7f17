namespace SafeKit.Lab.Isolation;

/// <summary>Looks for what a lab should have taken with it: processes in its namespaces, mounts, its folder.</summary>
public sealed class Leftovers
{
    private readonly HashSet<string> _namespaces = [];
    private readonly List<string> _folders = [];

    /// <summary>Notes a lab's namespaces and folder while it lives. Machines started later are not known.</summary>
    public void Remember(ClusterLab lab) => Remember(lab.Folder, lab.InitPids);

    public void Remember(string folder, IEnumerable<int> initPids)
    {
        _folders.Add(folder);
        foreach (var pid in initPids)
        {
            foreach (var kind in new[] { "net", "mnt", "pid" })
            {
                if (ReadLink($"/proc/{pid}/ns/{kind}") is { } link)
                    _namespaces.Add(link);
            }
        }
    }

    /// <summary>What is still there after the lab has ended, in words; empty when nothing is.</summary>
    public IReadOnlyList<string> Find()
    {
        var found = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            foreach (var kind in new[] { "net", "mnt", "pid" })
            {
                if (ReadLink($"{process}/ns/{kind}") is { } link && _namespaces.Contains(link))
                    found.Add($"process {Path.GetFileName(process)} is in namespace {link}");
            }
        }

        found.AddRange(_folders.Where(Directory.Exists).Select(folder => $"folder {folder}"));
        found.AddRange(File.ReadLines("/proc/self/mountinfo").Where(line => _folders.Any(line.Contains)).Select(line => $"mount {line}"));
        return found;
    }

    private static string? ReadLink(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // the process has ended meanwhile
        }
    }
}
