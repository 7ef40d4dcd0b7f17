namespace SafeKit.Mirror.Tests.Support;

/// <summary>A test that needs FUSE over io_uring. Where it is lacking the test is skipped with the reason, never passed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RingFactAttribute : FactAttribute
{
    public RingFactAttribute() => Skip = MountFactAttribute.Obstacle
        ?? (File.Exists(OverIoUring.Parameter) ? null : $"the kernel has no FUSE over io_uring ({OverIoUring.Parameter})");
}
