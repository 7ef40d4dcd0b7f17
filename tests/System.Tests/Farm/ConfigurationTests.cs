using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>A3: a broken configuration gives an error that names the place and the remedy, and what runs goes on as it was.</summary>
[Collection(FarmCollection.Name)]
public sealed class ConfigurationTests(FarmFixture farm)
{
    [RootFact]
    public async Task Broken_XML_is_refused_with_line_and_column()
    {
        var text = await RefuseAsync(xml => xml.Replace("</farm>", "</frm>"));

        Assert.Matches(@"userconfig\.xml.*\b\d+\b.*\b\d+\b", text);
    }

    [RootFact]
    public async Task An_unknown_attribute_is_named_with_its_place()
    {
        var text = await RefuseAsync(xml => xml.Replace("<farm ", "<farm plse=\"100ms\" "));

        Assert.Contains("plse", text);
    }

    [RootFact]
    public async Task An_unknown_network_is_named()
    {
        var text = await RefuseAsync(xml => xml.Replace("<lan name=\"default\"/>", "<lan name=\"nowhere\"/>"));

        Assert.Contains("nowhere", text);
    }

    [RootFact]
    public async Task An_unknown_interface_is_named()
    {
        var text = await RefuseAsync(xml => xml.Replace("\"eth0\"", "\"eth7\""), stopped: true);

        Assert.Contains("eth7", text);
    }

    [RootFact]
    public async Task An_address_that_another_machine_has_is_refused()
    {
        var text = await RefuseAsync(xml => xml.Replace("10.99.0.100", LabAddresses.Client4(1)), stopped: true);

        Assert.Contains(LabAddresses.Client4(1), text);
    }

    // Changes the file on one node, applies it, and returns what the administrator is told, by the command itself or,
    // where only the start can know, by the module's state. The other nodes never notice.
    private async Task<string> RefuseAsync(Func<string, string> change, bool stopped = false)
    {
        var stage = await farm.WholeAsync();
        var node = stage.Node(3);
        var others = stage.Without(node);
        if (stopped)
        {
            await node.MustCliAsync("stop", "-m", ClusterFiles.Module);
            await stage.Lab.WaitWholeAsync(FarmFixture.SettleLimit, others);
        }

        var file = node.Paths.UserConfig(ClusterFiles.Module);
        await File.WriteAllTextAsync(file, change(await File.ReadAllTextAsync(file)));
        await using var load = stage.StartLoad();
        var told = "";
        var seen = await load.DuringAsync(async () =>
        {
            var applied = await node.CliAsync("config", "-m", ClusterFiles.Module);
            told = applied.Text;
            if (applied.Ok)
                told += (await node.CliAsync("start", "-m", ClusterFiles.Module)).Text + await ErrorTextAsync(stage, node);
            else
                Assert.True(applied.ExitCode is > 0 and < 128, $"exit code {applied.ExitCode}: {told}");
        });

        Assert.True(seen.Failures == 0, seen.ErrorText);
        var picture = await stage.Lab.PictureAsync();
        if (stopped)
            Assert.True(picture.IsWhole(others), picture.Describe());
        else
            Assert.True(picture.IsWhole(stage.Lab.NodeNames), picture.Describe());
        return told;
    }

    private static async Task<string> ErrorTextAsync(FarmStage stage, LabNode node)
    {
        await stage.Lab.WaitForAsync(
            $"{node.Name} saying why it does not start",
            picture => picture.Module(node.Name)?.ErrorText is not null,
            TimeSpan.FromSeconds(10));
        return (await stage.Lab.PictureAsync()).Module(node.Name)?.ErrorText ?? "";
    }
}
