namespace SafeKit.Mirror.Tests.Support;

/// <summary><see cref="MountFactAttribute"/> with a table of cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountTheoryAttribute : TheoryAttribute
{
    public MountTheoryAttribute() => Skip = MountFactAttribute.Obstacle;
}
