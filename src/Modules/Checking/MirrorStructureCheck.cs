namespace SafeKit.Modules;

/// <summary>What must hold between the parts of a mirror module, and what only a mirror module has.</summary>
internal static class MirrorStructureCheck
{
    public static void Check(UserConfiguration configuration, FindingList findings)
    {
        if (configuration.Service.Mode != ServiceMode.Mirror)
        {
            CheckNoMirror(configuration, findings);
            return;
        }

        if (configuration.Heart is not { } heart)
            findings.Error(
                configuration.Service.Place,
                "a mirror module needs <heart>",
                "add <heart><heartbeat name=\"...\"/></heart> with a lan of cluster.xml");
        else if (configuration.Replication is null && heart.Heartbeats.FirstOrDefault(item => item.Ident == HeartbeatLan.Flow) is { } flow)
            findings.Error(flow.Place, "ident=\"flow\" chooses the network of the replication, and there is no <rfs>", "give it another ident");
        if (configuration.Farm is { } farm)
            findings.Error(farm.Place, "a mirror module has no <farm>", "remove <farm>, or write mode=\"farm\"");
        foreach (var group in configuration.Vip?.LoadBalancingGroups ?? [])
            findings.Warning(group.Place, $"group {group.Name} has no effect: the primary of a mirror takes all", "remove <loadbalancing_list>");
        CheckDirectories(configuration.Replication?.Directories ?? [], findings);
    }

    private static void CheckNoMirror(UserConfiguration configuration, FindingList findings)
    {
        if (configuration.Heart is { } heart)
            findings.Error(heart.Place, "<heart> belongs to mirror modules", "remove <heart>, or write mode=\"mirror\"");
        if (configuration.Replication is { } rfs)
            findings.Error(rfs.Place, "<rfs> belongs to mirror modules", "remove <rfs>, or write mode=\"mirror\"");
    }

    private static void CheckDirectories(IReadOnlyList<ReplicatedDirectoryConfiguration> directories, FindingList findings)
    {
        for (var i = 0; i < directories.Count; i++)
        {
            var directory = directories[i];
            foreach (var other in directories.Take(i).Where(other => directory.Dir.Length > 1 && other.Dir.Length > 1))
            {
                if (directory.Dir == other.Dir)
                    findings.Error(directory.Place, $"directory {directory.Dir} is replicated twice", "keep one of them");
                else if (IsBelow(directory.Dir, other.Dir) || IsBelow(other.Dir, directory.Dir))
                    findings.Error(
                        directory.Place, $"directories {other.Dir} and {directory.Dir} lie one in the other", "replicate the outer one only");
            }
        }
    }

    private static bool IsBelow(string dir, string parent) => dir.StartsWith(parent + "/", StringComparison.Ordinal);
}
