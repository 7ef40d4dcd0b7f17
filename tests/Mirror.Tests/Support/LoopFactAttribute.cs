namespace SafeKit.Mirror.Tests.Support;

/// <summary>A test that makes disks of its own. Where it cannot it is skipped with the reason, never passed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LoopFactAttribute : FactAttribute
{
    public LoopFactAttribute() => Skip = MountFactAttribute.Obstacle
        ?? (!File.Exists("/dev/loop-control") ? "the kernel has no loop devices (/dev/loop-control)"
            : !File.Exists("/usr/sbin/mkfs.ext4") ? "mkfs.ext4 is missing (package e2fsprogs)"
            : null);
}
