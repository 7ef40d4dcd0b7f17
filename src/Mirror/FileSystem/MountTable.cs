using SafeKit.Mirror.Fuse;

namespace SafeKit.Mirror.FileSystem;

/// <summary>Our mounts among all: read without touching any of them.</summary>
internal static class MountTable
{
    /// <summary>Mount points of replicated directories, in the order of mounting.</summary>
    public static IReadOnlyList<string> Replicated() => [.. Mounts().Select(mount => mount.Point)];

    /// <summary>Major and minor number, joined by a colon, of the replicated mount that was made last at a path; null where there is none.</summary>
    public static string? Device(string path) => Mounts().LastOrDefault(mount => mount.Point == path)?.Device;

    /// <summary>The replicated directory that a path is or lies in; null where there is none.</summary>
    public static string? ReplicatedAbove(string path) =>
        Replicated().FirstOrDefault(point => path == point || path.StartsWith(point + "/", StringComparison.Ordinal));

    private static IEnumerable<MountEntry> Mounts() => MountEntry.ReadAll().Where(mount => mount.Type == FuseConnection.FileSystemType);
}
