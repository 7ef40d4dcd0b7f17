using System.Globalization;
using System.Text;

namespace SafeKit.Mirror.FileSystem;

/// <summary>One line of /proc/self/mountinfo (proc(5)), read without touching the mount.</summary>
/// <param name="Device">Major and minor number, joined by a colon.</param>
/// <param name="Source">Device, or what stands for it.</param>
/// <param name="Options">Of the mount and of its file system.</param>
internal sealed record MountEntry(ulong Id, string Device, string Point, string Type, string Source, IReadOnlyList<string> Options)
{
    private const int DeviceField = 2;
    private const int PointField = 4;
    private const int OptionsField = 5;
    private const int FieldsAfterSeparator = 3;

    /// <summary>In the order of mounting.</summary>
    public static IReadOnlyList<MountEntry> ReadAll() => Parse(File.ReadLines("/proc/self/mountinfo"));

    public static IReadOnlyList<MountEntry> Parse(IEnumerable<string> lines)
    {
        var entries = new List<MountEntry>();
        foreach (string line in lines)
        {
            string[] fields = line.Split(' ');
            int separator = Array.IndexOf(fields, "-");
            if (separator <= OptionsField || separator + FieldsAfterSeparator >= fields.Length)
                continue;
            string[] options = [.. fields[OptionsField].Split(','), .. fields[separator + 3].Split(',')];
            ulong id = ulong.Parse(fields[0], CultureInfo.InvariantCulture);
            entries.Add(
                new MountEntry(
                    id, fields[DeviceField], Unescape(fields[PointField]), fields[separator + 1], Unescape(fields[separator + 2]), options));
        }
        return entries;
    }

    /// <summary>ext4 with errors=remount-ro says so of itself (Linux 6.14); older ones become "ro".</summary>
    public bool HasStopped => Options.Contains("emergency_ro");

    public bool IsReadOnly => HasStopped || Options.Contains("ro");

    public bool IsBelow(string path) => Point.StartsWith(path + "/", StringComparison.Ordinal);

    /// <summary>Blank, tab, newline and backslash stand there as a backslash and three octal digits.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var result = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length)
            {
                result.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                result.Append(text[i]);
            }
        }
        return result.ToString();
    }
}
