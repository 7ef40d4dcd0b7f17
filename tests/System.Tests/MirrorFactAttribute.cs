using SafeKit.Lab.Mirror;

namespace SafeKit.SystemTests;

/// <summary>
/// A test that needs what a mirror lab needs, PostgreSQL among it. Where something is lacking it is skipped with the reason, never passed.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MirrorFactAttribute : FactAttribute
{
    private static readonly string? _obstacle = MirrorLab.Obstacle(MirrorApplication.Postgres);

    public MirrorFactAttribute()
    {
        if (_obstacle is not null)
            Skip = _obstacle;
    }
}
