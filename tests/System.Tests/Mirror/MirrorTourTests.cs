using SafeKit.Lab.Mirror;
using SafeKit.Lab.Mirror.Story;

namespace SafeKit.SystemTests.Mirror;

/// <summary>The tour, as <c>make run MIRROR=1 TOUR=1</c> plays it.</summary>
public sealed class MirrorTourTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(6);

    [MirrorFact]
    public async Task Every_promise_of_the_tour_is_held()
    {
        using var end = new CancellationTokenSource(_limit);
        await using var output = new StringWriter();
        var exitCode = await MirrorTour.RunAsync(new MirrorOptions(), output, end.Token);
        Assert.True(exitCode == 0, output.ToString());
    }
}
