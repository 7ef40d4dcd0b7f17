namespace SafeKit.Filter.Tests.Support;

/// <summary>Data rows that need root and BPF; skipped with the reason where they cannot run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute() => Skip = Root.ReasonToSkip;
}
