using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Tests.Support;

/// <summary>A test that mounts. Where root or FUSE is lacking it is skipped with the reason, never passed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute() => Skip = Obstacle;

    public static string? Obstacle { get; } =
        LibC.geteuid() != 0 ? "mounting needs root"
        : !File.Exists("/dev/fuse") ? "the kernel has no FUSE (/dev/fuse)"
        : null;
}
