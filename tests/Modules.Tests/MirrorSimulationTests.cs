using SafeKit.Simulation;
using SafeKit.Simulation.Mirrors;
using Xunit.Abstractions;

namespace SafeKit.Modules.Tests;

/// <summary>The real machine on two simulated nodes, with the real comparison of generations and a model of the data.</summary>
public sealed class MirrorSimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 2000;

    [Fact]
    public void NoSeedBreaksAnInvariant()
    {
        IReadOnlyList<SimulationViolation> violations = MirrorBatch.Run(1, Seeds);
        Assert.True(violations.Count == 0, string.Join('\n', violations.Select(violation => violation.Message)));
    }

    public static TheoryData<string> Mistakes => [.. MirrorBatch.Mistakes];

    /// <summary>The simulator can fail: every mistake planted into the machine or into the model of the data is found by it.</summary>
    [Theory]
    [MemberData(nameof(Mistakes))]
    public void EveryPlantedMistakeIsFound(string mistake)
    {
        SimulationViolation? violation = MirrorBatch.Hunt(mistake, Seeds);
        Assert.NotNull(violation);
        output.WriteLine(violation.Message);
    }

    [Fact]
    public void ASeedRepeatsItsRun()
    {
        using var first = new StringWriter();
        using var second = new StringWriter();
        MirrorBatch.RunOne(12, first);
        MirrorBatch.RunOne(12, second);
        Assert.Equal(first.ToString(), second.ToString());
    }
}
