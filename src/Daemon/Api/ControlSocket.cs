using System.Diagnostics;

namespace SafeKit.Daemon.Api;

/// <summary>Who may open the control socket: root, and the group <c>safekit</c> where it exists.</summary>
public static class ControlSocket
{
    private const string Group = "safekit";

    /// <summary>Removes what a killed daemon left; the lock file already says that no other daemon is alive.</summary>
    public static void Prepare(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
    }

    public static void Protect(string path)
    {
        File.SetUnixFileMode(
            path,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        if (!File.ReadLines("/etc/group").Any(l => l.StartsWith(Group + ":", StringComparison.Ordinal)))
            return;
        using var chgrp = Process.Start("chgrp", [Group, path]);
        chgrp.WaitForExit();
    }
}
