namespace SafeKit.Mirror.Tests.Support;

/// <summary><see cref="LoopFactAttribute"/> with a table of cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LoopTheoryAttribute : TheoryAttribute
{
    public LoopTheoryAttribute() => Skip = new LoopFactAttribute().Skip;
}
