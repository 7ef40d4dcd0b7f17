namespace SafeKit.Filter.Tests.Support;

/// <summary>A test that takes Debian 12's kernel.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OldKernelFactAttribute : FactAttribute
{
    public OldKernelFactAttribute()
    {
        if (OldKernel.Run("check") is { ExitCode: not 0, Output: var why })
            Skip = why.Trim();
    }
}
