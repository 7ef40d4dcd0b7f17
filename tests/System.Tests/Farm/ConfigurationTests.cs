using SafeKit.Lab;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>A3: a broken configuration gives an error that names the place and the remedy, and what runs goes on as it was.</summary>
[Collection(FarmCollection.Name)]
public sealed class ConfigurationTests(FarmFixture farm)
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(5);

    [RootFact]
    public async Task Broken_XML_is_refused_with_line_and_column()
    {
        var text = await RefuseAsync(xml => xml.Replace("</farm>", "</frm>"));

        Assert.Matches(@"userconfig\.xml:\d+:\d+: ", text);
    }

    [RootFact]
    public async Task An_unknown_attribute_is_named_with_its_place()
    {
        var stage = await farm.WholeAsync();
        var node = stage.Node(1);
        await ChangeAsync(node, xml => xml.Replace("<farm ", "<farm plse=\"100ms\" "));
        var check = await node.CliAsync("confcheck", "-m", ClusterFiles.Module);

        Assert.Matches(@"userconfig\.xml:\d+:\d+: .*plse", check.Text);
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
    public async Task An_address_in_use_is_refused()
    {
        var text = await RefuseAsync(xml => xml.Replace("10.99.0.100", LabAddresses.Node4(1)), stopped: true);

        Assert.Contains(LabAddresses.Node4(1), text);
        Assert.Contains("in use", text);
    }

    [RootFact]
    public async Task A_configuration_that_differs_from_the_others_is_kept_out()
    {
        var text = await RefuseAsync(xml => xml.Replace("on_port", "on_addr"), stopped: true);

        Assert.Contains("configuration", text);
    }

    // Changes the file on one node, has it checked and applied, and returns what the administrator is told: by the
    // commands or, where only the start can know, by the module's state. The other nodes never notice.
    private async Task<string> RefuseAsync(Func<string, string> change, bool stopped = false)
    {
        var stage = await farm.WholeAsync();
        var node = stage.Node(3);
        var others = stage.Without(node);
        if (stopped)
        {
            await node.LeaveAsync();
            await stage.Lab.WaitWholeAsync(FarmFixture.SettleLimit, others);
        }

        await ChangeAsync(node, change);
        var wireBefore = stage.Wire.Report();
        await using var load = stage.StartLoad();
        var told = "";
        var seen = await load.DuringAsync(async () => told = stopped ? await StartAsync(node) : await CheckAsync(node));

        var wire = stage.Wire.Report().Since(wireBefore);
        var picture = await stage.Lab.PictureAsync();
        await RestoreAsync(stage, node, stopped);
        Assert.True(wire is { DoubleAnswers: 0, Lost: 0 }, wire.FindingText);
        Assert.True(seen.Failures == 0, seen.ErrorText);
        Assert.True(picture.IsWhole(stopped ? others : stage.Lab.NodeNames), picture.Describe());
        return told;
    }

    private static async Task RestoreAsync(FarmStage stage, LabNode node, bool stopped)
    {
        stage.Lab.Files.Write(node.Paths, node.Number);
        if (!stopped)
            return;
        await node.LeaveAsync();
        await node.MustCliAsync("config", "-m", ClusterFiles.Module);
    }

    private static async Task ChangeAsync(LabNode node, Func<string, string> change)
    {
        var file = node.Paths.UserConfig(ClusterFiles.Module);
        var before = await File.ReadAllTextAsync(file);
        var after = change(before);
        Assert.NotEqual(before, after);
        await File.WriteAllTextAsync(file, after);
    }

    // While the module runs, the file can be checked, and cannot be applied.
    private static async Task<string> CheckAsync(LabNode node)
    {
        var check = await node.CliAsync("confcheck", "-m", ClusterFiles.Module);
        Assert.True(check.ExitCode is > 0 and < 128, $"confcheck gave {check.ExitCode}: {check.Text}");
        var config = await node.CliAsync("config", "-m", ClusterFiles.Module);
        Assert.True(config.ExitCode is > 0 and < 128, $"config gave {config.ExitCode}: {config.Text}");
        return check.Text;
    }

    private static async Task<string> StartAsync(LabNode node)
    {
        var config = await node.CliAsync("config", "-m", ClusterFiles.Module);
        if (!config.Ok)
            return config.Text;
        var start = await node.CliAsync("start", "-m", ClusterFiles.Module);
        if (!start.Ok)
            return start.Text;
        try
        {
            return (await node.WaitForModuleAsync(module => module.ErrorText is not null, _startLimit)).ErrorText!;
        }
        catch (LabException e)
        {
            return e.Message;
        }
    }
}
