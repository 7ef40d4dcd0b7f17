using System.Text.RegularExpressions;

namespace SafeKit.Modules;

/// <summary>Reads <c>&lt;rfs&gt;</c> with the replicated directories.</summary>
internal static partial class ReplicationReader
{
    private const int PathBytesMax = 4095;

    /// <summary>Trees are numbered by one byte in the stream, and each holds a mount.</summary>
    private const int DirectoriesMax = 64;

    private static readonly string[] _notYet = ["syncdelta", "syncat", "scripts"];

    private static readonly string[] _withoutEffect =
    [
        "mountoversuffix", "mountover", "acl", "packetsize", "reipacketsize", "ruzone_blocksize", "namespacepolicy", "reitimeout", "reicommit",
        "reidetail", "nbremconn", "checktime", "checkintv",
    ];

    private static readonly string[] _otherSystem = ["iotimeout", "roflags", "allocthreshold", "nfsbox_options"];

    /// <summary>Everything that users may write in <c>&lt;rfs&gt;</c>.</summary>
    public static string[] Attributes { get; } =
        ["async", "nbrei", "reiallowedbw", "locktimeout", "sendtimeout", "markedmb", .. _notYet, .. _withoutEffect, .. _otherSystem];

    public static ReplicationConfiguration Read(ElementReader rfs)
    {
        ReportOthers(rfs);
        ReplicatedDirectoryConfiguration[] directories =
        [
            .. rfs.Element.ChildrenNamed("replicated").Select(item => ReadDirectory(new ElementReader(item, rfs.Findings))),
        ];
        if (directories.Length == 0)
            rfs.Findings.Error(rfs.Place, "<rfs> names no directory", "add <replicated dir=\"/...\"/>, or remove <rfs>");
        if (directories.Length > DirectoriesMax)
            rfs.Findings.Error(
                rfs.Place, $"a module replicates at most {DirectoriesMax} directories, here are {directories.Length}", "replicate a common parent");
        return new ReplicationConfiguration(
            rfs.Choice("async", "second", "second", "none") == "none",
            rfs.Int("nbrei", 1, 64) ?? ReplicationConfiguration.ThreadsDefault,
            rfs.Int("reiallowedbw", 0, int.MaxValue) ?? 0,
            rfs.Time("locktimeout", TimeUnit.Second, 1) ?? ReplicationConfiguration.LockTimeoutSecondsDefault,
            rfs.Time("sendtimeout", TimeUnit.Second, 1),
            rfs.Int("markedmb", 1, 1 << 20) ?? ReplicationConfiguration.MarkedMbDefault,
            ReadFlow(rfs),
            directories,
            rfs.Place);
    }

    private static void ReportOthers(ElementReader rfs)
    {
        foreach (var name in _notYet.Where(rfs.Has))
            rfs.Findings.Warning(
                rfs.PlaceOf(name), $"attribute {name} of <rfs> is not supported yet in this version", "the replication is continuous; remove it");
        foreach (var name in _withoutEffect.Where(rfs.Has))
            rfs.NoteNoEffect(name);
        foreach (var name in _otherSystem.Where(rfs.Has))
            rfs.Findings.Note(
                rfs.PlaceOf(name), $"attribute {name} of <rfs> belongs to Windows and has no effect", "it may be removed");
    }

    private static string? ReadFlow(ElementReader rfs)
    {
        if (rfs.Element.Child("flow") is not { } element)
            return null;
        var flow = new ElementReader(element, rfs.Findings);
        flow.Findings.Note(
            flow.Place, "old syntax: <flow> names the network of the replication", "write <heartbeat name=\"...\" ident=\"flow\"/> instead");
        if (element.Child("server") is { } server)
            flow.Findings.Error(
                server.Place,
                "old syntax: <server> names the addresses of the replication",
                "write <heartbeat name=\"...\" ident=\"flow\"/> with a lan of cluster.xml");
        return flow.Has("name") ? flow.Required("name") : null;
    }

    private static ReplicatedDirectoryConfiguration ReadDirectory(ElementReader item)
    {
        var wait = item.Choice("wait", "close", "close", "sync", "all") switch
        {
            "sync" => ReplicationWait.Sync,
            "all" => ReplicationWait.All,
            _ => ReplicationWait.Close,
        };
        if (item.Choice("mode", "read_only", "read_only", "read_write") == "read_write")
            item.Findings.Note(
                item.PlaceOf("mode"), "mode=\"read_write\" has no effect: on the secondary the directory can never be written", "it may be removed");
        return new ReplicatedDirectoryConfiguration(
            ReadDir(item),
            wait,
            [.. item.Element.ChildrenNamed("tocheck").Select(check => ReadRelative(new ElementReader(check, item.Findings)))],
            [.. item.Element.ChildrenNamed("notreplicated").Select(rule => ReadRule(new ElementReader(rule, item.Findings)))],
            item.Place);
    }

    private static string ReadDir(ElementReader item)
    {
        var text = item.Required("dir");
        if (text.Length == 0)
            return "";
        var dir = text.Length > 1 ? text.TrimEnd('/') : text;
        if (text[0] != '/')
            item.Invalid("dir", "expected an absolute path", "for example dir=\"/var/lib/data\"");
        else if (dir.Length <= 1)
            item.Invalid("dir", "the root of the file system cannot be replicated", "name the directory that holds the application's data");
        else if (!IsClean(dir[1..]))
            item.Invalid("dir", "expected a path without //, /./, /../ or control characters, of at most 4095 bytes", "write the path as it is");
        else if (Kernel().IsMatch(dir))
            item.Invalid("dir", "/proc, /sys, /dev and /run belong to the running system", "name the directory that holds the application's data");
        return dir;
    }

    /// <summary>A path below the directory, as users write it: without a slash at its start.</summary>
    private static string ReadRelative(ElementReader item)
    {
        var text = item.Required("path");
        var path = text.TrimEnd('/');
        if (text.StartsWith('/'))
            item.Invalid("path", "expected a path relative to the replicated directory", $"write path=\"{path.TrimStart('/')}\"");
        else if (text.Length > 0 && !IsClean(path))
            item.Invalid("path", "expected a path inside the replicated directory", "write it without .. and without a name that is empty");
        return path;
    }

    private static NotReplicatedRule ReadRule(ElementReader rule)
    {
        if (rule.Has("path") == rule.Has("regexpath"))
        {
            rule.Findings.Error(rule.Place, "<notreplicated> needs either path or regexpath", "add path=\"...\" or regexpath=\"...\"");
            return new NotReplicatedRule("", false, false, rule.Place);
        }

        if (rule.Has("path"))
            return new NotReplicatedRule(ReadRelative(rule), false, false, rule.Place);
        var text = rule.Required("regexpath");
        var negated = text.StartsWith('!');
        var pattern = negated ? text[1..] : text;
        if (text.Length > 0)
            CheckExpression(rule, pattern);
        return new NotReplicatedRule(pattern, true, negated, rule.Place);
    }

    /// <summary>Checked as it will be run: without backtracking, so that no name can make it slow.</summary>
    private static void CheckExpression(ElementReader rule, string pattern)
    {
        if (pattern.Length == 0)
        {
            rule.Invalid("regexpath", "the expression is empty", "write what the names to leave out look like, for example \\.tmp$");
            return;
        }

        if (PosixClass().IsMatch(pattern))
        {
            rule.Invalid("regexpath", "classes such as [[:alpha:]] are not known in this version", "write the characters, for example [A-Za-z]");
            return;
        }

        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            rule.Invalid("regexpath", $"not a regular expression: {error.Message.Split('\n')[0]}", "for example \\.tmp$");
        }
    }

    private static bool IsClean(string relative) =>
        System.Text.Encoding.UTF8.GetByteCount(relative) <= PathBytesMax
        && !relative.Any(char.IsControl)
        && relative.Split('/').All(name => name.Length > 0 && name is not ("." or ".."));

    [GeneratedRegex("^/(proc|sys|dev|run)(/|$)")]
    private static partial Regex Kernel();

    [GeneratedRegex(@"\[\[?[:.=]|\[:\w+:\]")]
    private static partial Regex PosixClass();
}
