using System.Globalization;
using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>
/// One change to the node's network configuration, and how to take it back. Written as a line in the journal before it is
/// made, so that the next start can take back what a killed daemon left.
/// </summary>
internal sealed record SetupEffect(string Kind, string Subject, string Before)
{
    public const string Address = "address";
    public const string Sysctl = "sysctl";
    public const string MacFilter = "macfilter";
    public const string Promiscuous = "promiscuous";

    private const char Separator = '\t';

    public static SetupEffect? ParseLine(string line)
    {
        string[] parts = line.Split(Separator);
        return parts.Length == 3 ? new SetupEffect(parts[0], parts[1], parts[2]) : null;
    }

    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Kind}{Separator}{Subject}{Separator}{Before}");

    /// <summary>Error text, or null.</summary>
    public string? Make(string value = "")
    {
        string[] words = Subject.Split(' ');
        return Kind switch
        {
            // No duplicate address detection: the other nodes have the address too, and the filter drops probes.
            Address when Subject.Contains(':') => Tool.Try(out _, "ip", "address", "add", Subject, "dev", "lo", "nodad"),
            Address => Tool.Try(out _, "ip", "address", "add", Subject, "dev", "lo"),
            Sysctl => WriteSysctl(value),
            MacFilter => Tool.Try(out _, "bridge", "fdb", "add", words[0], "dev", words[1], "self"),
            Promiscuous => Tool.Try(out _, "ip", "link", "set", "dev", Subject, "promisc", "on"),
            _ => $"unknown kind {Kind}",
        };
    }

    /// <summary>Error text, or null.</summary>
    public string? TakeBack()
    {
        string[] words = Subject.Split(' ');
        return Kind switch
        {
            Address => Tool.Try(out _, "ip", "address", "del", Subject, "dev", "lo"),
            Sysctl => WriteSysctl(Before),
            MacFilter => Tool.Try(out _, "bridge", "fdb", "del", words[0], "dev", words[1], "self"),
            Promiscuous => Tool.Try(out _, "ip", "link", "set", "dev", Subject, "promisc", "off"),
            _ => $"unknown kind {Kind}",
        };
    }

    public static string ReadSysctl(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (IOException exception)
        {
            throw new SafeKitException($"read {path}: {exception.Message}; is /proc mounted?", exception);
        }
    }

    private string? WriteSysctl(string value)
    {
        try
        {
            File.WriteAllText(Subject, value);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"write {value} to {Subject}: {exception.Message}";
        }
    }
}
