using SafeKit.Modules.Native;

namespace SafeKit.Modules;

/// <summary>
/// The processes of a session (what <c>setsid</c> began): the script and everything it started that did not leave.
/// </summary>
internal static class ProcessSession
{
    private const int PassesMax = 20;

    /// <summary>
    /// Kills the whole session. Passes are repeated, because a process may fork between being seen and being killed.
    /// </summary>
    public static void Kill(int session)
    {
        for (var pass = 0; pass < PassesMax; pass++)
        {
            var members = Members(session);
            if (members.Count == 0)
                return;
            foreach (var pid in members)
                _ = LibC.Kill(pid, LibC.SIGKILL);
        }
    }

    public static List<int> Members(int session)
    {
        var members = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && IsLiveMember(folder, session))
                members.Add(pid);
        }

        return members;
    }

    private static bool IsLiveMember(string folder, int session)
    {
        try
        {
            // "pid (name) state ppid pgrp session ...": the name may hold anything, so count from its last ')'.
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length > 3 && fields[0] is not ("Z" or "X") && int.Parse(fields[3]) == session;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it ended while we looked
        }
    }
}
