using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Kernel;

/// <summary>The filter is promised from Linux 6.1 on, whose verifier knows less than that of the machine that runs the tests.</summary>
public sealed class OldKernelTests
{
    [OldKernelFact]
    public void Every_program_is_loaded_by_the_oldest_kernel()
    {
        var (exitCode, output) = OldKernel.Run();

        Assert.True(exitCode == 0 && output.Contains("kernel 6.1.", StringComparison.Ordinal), output);
        foreach (var program in new[] { "xdp", "xdp_generic", "tc", "companion", "trace", "clock" })
            Assert.True(output.Contains($"loaded safekit_{program}\n", StringComparison.Ordinal), output);
    }
}
