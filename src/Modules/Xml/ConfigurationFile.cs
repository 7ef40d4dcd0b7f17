using System.Text;
using System.Text.RegularExpressions;
using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>Reads the text of a configuration file; every reason why that fails becomes a finding.</summary>
internal static partial class ConfigurationFile
{
    public static string? ReadText(string file, FindingList findings)
    {
        try
        {
            var bytes = ReadBounded(file, findings);
            return bytes is null ? null : Decode(bytes, findings);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            findings.Error("the file does not exist", "check the path");
        }
        catch (UnauthorizedAccessException)
        {
            findings.Error(
                Directory.Exists(file) ? "this is a directory, not a file" : "no permission to read the file",
                "give the path of a file that this user may read");
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            findings.Error($"the file cannot be read: {e.Message}", "check the path and the disk");
        }

        return null;
    }

    /// <summary>Never trusts the length that the file system reports: a pipe or a growing file has none.</summary>
    private static byte[]? ReadBounded(string file, FindingList findings)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var buffer = new byte[Limits.ConfigurationBytesMax + 1];
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (length <= Limits.ConfigurationBytesMax)
            return buffer[..length];
        TooLarge(findings);
        return null;
    }

    public static void TooLarge(FindingList findings) =>
        findings.Error(
            $"the file is larger than {Limits.ConfigurationBytesMax} bytes",
            "a configuration is far smaller: check that this is the right file");

    private static string? Decode(byte[] bytes, FindingList findings)
    {
        if (bytes is [0xFF, 0xFE, ..])
            return Encoding.Unicode.GetString(bytes.AsSpan(2));
        if (bytes is [0xFE, 0xFF, ..])
            return Encoding.BigEndianUnicode.GetString(bytes.AsSpan(2));
        var body = bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes.AsSpan(3) : bytes.AsSpan();
        var head = Encoding.Latin1.GetString(body[..Math.Min(body.Length, 200)]);
        if (SingleByteEncoding().IsMatch(head))
            return Encoding.Latin1.GetString(body);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body);
        }
        catch (DecoderFallbackException e)
        {
            var before = body[..Math.Clamp(e.Index, 0, body.Length)];
            var place = new SourcePlace(findings.File, before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
            findings.Error(
                place,
                "the text is not valid UTF-8",
                "save the file as UTF-8, or name its encoding in <?xml encoding=\"ISO-8859-1\"?>");
            return null;
        }
    }

    [GeneratedRegex("<\\?xml[^>]*encoding\\s*=\\s*[\"'](iso-8859-1|latin1|windows-1252|us-ascii)[\"']", RegexOptions.IgnoreCase)]
    private static partial Regex SingleByteEncoding();
}
