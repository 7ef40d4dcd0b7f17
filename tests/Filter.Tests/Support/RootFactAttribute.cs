namespace SafeKit.Filter.Tests.Support;

/// <summary>A test that needs root and BPF; skipped with the reason where it cannot run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Root.ReasonToSkip;
}
