using SafeKit.Modules;

namespace SafeKit.Daemon;

/// <summary>What was found wrong with a configuration, in one line for the log and the state.</summary>
public static class FindingText
{
    public static string Errors(IEnumerable<Finding> findings) =>
        string.Join("; ", findings.Where(f => f.Severity == Severity.Error).Select(One));

    public static string One(Finding f) =>
        $"{f.File}:{f.Line}:{f.Column}: {f.Message}" + (f.Remedy.Length > 0 ? $" -> {f.Remedy}" : "");
}
