using System.Globalization;
using System.Net;
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

    /// <summary>The address of an effect of that kind.</summary>
    public IPAddress ReadAddress() => IPAddress.Parse(Subject.Split('/')[0]);

    /// <summary>Error text, or null. What somebody else has taken back already, with its interface perhaps, is no error.</summary>
    public string? TakeBack() => TryTakeBack() is { } error && !IsGone() ? error : null;

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

    private string? TryTakeBack()
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

    private bool IsGone()
    {
        string[] words = Subject.Split(' ');
        return Kind switch
        {
            Address => Tool.Try(out string held, "ip", "-o", "address", "show", "dev", "lo") is null && !Names(held, ReadAddress()),
            Sysctl => !File.Exists(Subject),
            MacFilter => !HasInterface(words[1]) || (Tool.Try(out string entries, "bridge", "fdb", "show", "dev", words[1]) is null &&
                !entries.Contains(words[0], StringComparison.OrdinalIgnoreCase)),
            Promiscuous => !HasInterface(Subject),
            _ => false,
        };
    }

    /// <summary>Whatever its length of prefix: what counts is whether the node still takes packets to it.</summary>
    private static bool Names(string text, IPAddress address) =>
        text.Split(' ').Any(word => IPAddress.TryParse(word.Split('/')[0], out IPAddress? one) && one.Equals(address));

    private static bool HasInterface(string name) => Directory.Exists($"/proc/sys/net/ipv4/conf/{name}");

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
