using System.Globalization;

namespace SafeKit.Modules;

/// <summary>
/// Names the output files of scripts, <c>userlog_YYYY-MM-DDThhmmss_SCRIPT.ulog</c>, and keeps their number bounded.
/// </summary>
internal static class ScriptLog
{
    /// <summary>About a year of a restart a day; the oldest go first.</summary>
    private const int FilesMax = 1000;

    public static string NewFile(string folder, string script, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        RemoveOldest(folder);
        var stem = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"userlog_{now:yyyy-MM-dd'T'HHmmss}_{script}"));
        var file = stem + ".ulog";

        // The graceful and the forced pass often fall into one second.
        for (var i = 2; File.Exists(file); i++)
            file = $"{stem}_{i}.ulog";
        using (File.Create(file))
        {
            return file;
        }
    }

    private static void RemoveOldest(string folder)
    {
        var files = Directory.GetFiles(folder, "userlog_*.ulog");
        if (files.Length < FilesMax)
            return;
        Array.Sort(files, StringComparer.Ordinal);
        foreach (var file in files.AsSpan(0, files.Length - FilesMax + 1))
            File.Delete(file);
    }
}
