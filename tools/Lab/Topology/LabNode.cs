using SafeKit.Core;
using SafeKit.Lab.Isolation;

namespace SafeKit.Lab.Topology;

/// <summary>A server of the farm: its application is an nginx.</summary>
public sealed class LabNode : ServerNode
{
    private readonly LabOptions _options;
    private readonly LabSwitch _switch;

    internal LabNode(int number, LabOptions options, LabSwitch labSwitch, string labFolder, string artifacts)
        : base(number, ClusterFiles.Module, options.SecondLan, labSwitch, labFolder, artifacts)
    {
        _options = options;
        _switch = labSwitch;
    }

    /// <summary>Starts nginx without safekitd, for comparisons.</summary>
    public Task StartNginxAsync() =>
        Command.MustRunAsync(Machine.Inside(Path.Combine(Paths.Scripts(ClusterFiles.Module), "start_both")));

    /// <summary>Ends nginx at once. With <paramref name="broken"/> it does not start again before it is mended.</summary>
    public async Task<long> StopNginxAsync(bool broken)
    {
        if (broken)
            await File.WriteAllTextAsync(WebServerFiles.BrokenMark(Paths), "");
        var at = MonotonicClock.NowNs;
        await Command.MustRunAsync(Machine.Inside(Path.Combine(Paths.Scripts(ClusterFiles.Module), "stop_both"), "force"));
        return at;
    }

    public bool IsNginxBroken => File.Exists(WebServerFiles.BrokenMark(Paths));

    public void MendNginx() => File.Delete(WebServerFiles.BrokenMark(Paths));

    private protected override Task PreparePoweredAsync() =>
        _options.ChangeNetwork?.Invoke(_switch, Machine) ?? Task.CompletedTask;

    private protected override void ForgetFormerLife()
    {
        File.Delete(WebServerFiles.PidFile(Paths));
        base.ForgetFormerLife();
    }
}
