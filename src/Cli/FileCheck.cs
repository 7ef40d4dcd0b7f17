using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Modules;

namespace SafeKit.Cli;

/// <summary>Checks one configuration file, whichever kind it is, and prints what was found.</summary>
public static class FileCheck
{
    /// <param name="node">null when the file is not meant for this node.</param>
    public static int Run(string file, NodePaths paths, LiveNode? node, bool json)
    {
        var cluster = File.Exists(paths.ClusterXml) ? ClusterConfigurationReader.Read(paths.ClusterXml).Value : null;
        var findings = ConfigurationCheck.CheckFile(file, ProcessEnvironment.Variables(), cluster, node);
        Print(file, findings, json);
        return findings.Any(f => f.Severity == Severity.Error) ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static void Print(string file, IReadOnlyList<Finding> findings, bool json)
    {
        if (json)
        {
            var ok = findings.All(f => f.Severity != Severity.Error);
            var text = string.Join("\n", findings.Select(Text));
            Output.Json(new ActionResult(ok, text), ControlJson.Indented.ActionResult);
            return;
        }

        foreach (var finding in findings)
            Console.WriteLine(Text(finding));
        var errors = findings.Count(f => f.Severity == Severity.Error);
        Console.WriteLine($"{file}: {errors} error(s), {findings.Count(f => f.Severity == Severity.Warning)} warning(s)");
    }

    private static string Text(Finding f) =>
        $"{f.File}:{f.Line}:{f.Column}: {f.Severity.ToString().ToLowerInvariant()}: {f.Message}"
        + (f.Remedy.Length > 0 ? $" -> {f.Remedy}" : "");
}
