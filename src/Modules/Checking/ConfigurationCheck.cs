namespace SafeKit.Modules;

/// <summary>Finds before a start what would fail at the start, or go wrong after it.</summary>
public static class ConfigurationCheck
{
    /// <param name="cluster">null when there is no cluster yet: its names are then not compared.</param>
    /// <param name="node">null when the file is not checked for this node.</param>
    public static IReadOnlyList<Finding> Check(
        UserConfiguration configuration, ClusterConfiguration? cluster = null, LiveNode? node = null)
    {
        var findings = new FindingList(configuration.Service.Place.File);
        StructureCheck.Check(configuration, findings);
        if (cluster is not null)
            ClusterReferenceCheck.Check(configuration, cluster, findings);
        if (node is not null)
            LiveNodeCheck.Check(configuration, node, findings);
        return findings.ToList();
    }

    /// <summary>
    /// Checks a file of either kind, told apart by its root element; what <c>safekit confcheck --file</c> does.
    /// Needs no cluster and no daemon.
    /// </summary>
    public static IReadOnlyList<Finding> CheckFile(
        string file, IReadOnlyDictionary<string, string> environment, ClusterConfiguration? cluster = null, LiveNode? node = null)
    {
        var findings = new FindingList(file);
        if (ConfigurationFile.ReadText(file, findings) is not { } text)
            return findings.ToList();
        if (ConfigDocument.Parse(text, findings) is not { } top)
            return findings.ToList();
        if (top.Exists(element => element.Name == "cluster"))
            return ClusterConfigurationReader.ReadText(text, file).Findings;
        var result = UserConfigurationReader.ReadText(text, file, environment);
        return result.Value is null ? result.Findings : [.. result.Findings, .. Check(result.Value, cluster, node)];
    }
}
