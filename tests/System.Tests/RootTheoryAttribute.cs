using SafeKit.Lab;

namespace SafeKit.SystemTests;

/// <summary>Rows of a test that makes a lab; skipped with the reason where none can be made.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute() => Skip = ClusterLab.Obstacle();
}
