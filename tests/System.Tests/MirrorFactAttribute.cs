using SafeKit.Lab.Mirror;

namespace SafeKit.SystemTests;

/// <summary>
/// A test that needs what a mirror lab needs, an application among it. Where something is lacking it is skipped with the reason, never passed.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MirrorFactAttribute : FactAttribute
{
    /// <param name="module">The ready-made module that the test runs.</param>
    public MirrorFactAttribute(string module = "postgresql") =>
        Skip = MirrorLab.Obstacle(module == MirrorApplication.MariaDb.Module ? MirrorApplication.MariaDb : MirrorApplication.Postgres);
}
