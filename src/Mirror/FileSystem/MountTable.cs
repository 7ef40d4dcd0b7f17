using SafeKit.Mirror.Fuse;

namespace SafeKit.Mirror.FileSystem;

/// <summary>Our mounts among all: read without touching any of them.</summary>
internal static class MountTable
{
    /// <summary>Mount points of replicated directories, in the order of mounting.</summary>
    public static IReadOnlyList<string> Replicated() =>
        [.. MountEntry.ReadAll().Where(mount => mount.Type == FuseConnection.FileSystemType).Select(mount => mount.Point)];

    /// <summary>The replicated directory that a path is or lies in; null where there is none.</summary>
    public static string? ReplicatedAbove(string path) =>
        Replicated().FirstOrDefault(point => path == point || path.StartsWith(point + "/", StringComparison.Ordinal));
}
