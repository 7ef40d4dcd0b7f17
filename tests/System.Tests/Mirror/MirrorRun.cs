using SafeKit.Lab.Mirror;

namespace SafeKit.SystemTests.Mirror;

/// <summary>A test on a mirror of its own, with an end in any case, and with both nodes' logs when it fails.</summary>
internal static class MirrorRun
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(4);

    public static async Task OnAsync(MirrorOptions options, Func<MirrorLab, CancellationToken, Task> body, TimeSpan? limit = null)
    {
        using var end = new CancellationTokenSource(limit ?? _limit);
        await using var lab = await MirrorLab.CreateAsync(options);
        try
        {
            await lab.StartAsync(end.Token);
            await body(lab, end.Token);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{e.Message}\n{(await lab.PictureAsync()).Describe()}\n{await lab.LogsAsync()}", e);
        }
    }

    /// <summary>Stops both nodes, and compares their data.</summary>
    public static async Task AssertIdenticalAsync(MirrorLab lab, CancellationToken cancel)
    {
        await lab.StopBothAsync(cancel);
        var trees = lab.CompareTrees();
        Assert.True(trees.Identical, trees.Text);
        Assert.True(trees.Entries > 1, "the trees are empty");
    }
}
