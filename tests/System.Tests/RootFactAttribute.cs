using SafeKit.Lab;

namespace SafeKit.SystemTests;

/// <summary>A test that needs root, namespaces and eBPF. Where one is lacking it is skipped with the reason, never passed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    private static readonly string? _obstacle = ClusterLab.Obstacle();

    public RootFactAttribute()
    {
        if (_obstacle is not null)
            Skip = _obstacle;
    }
}
