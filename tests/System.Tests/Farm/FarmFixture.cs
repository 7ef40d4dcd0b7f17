using SafeKit.Core;
using SafeKit.Lab;
using SafeKit.Lab.Capture;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>
/// One cluster for all tests of the farm. Each test gets it whole: what the last one broke is repaired, and if that
/// does not work the cluster is built anew, so that one failure does not spoil the rest.
/// </summary>
public class FarmFixture : IAsyncLifetime
{
    public static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(30);

    private ClusterLab? _lab;
    private WireCapture? _wire;

    /// <summary>What the cluster consists of.</summary>
    protected virtual LabOptions Options => new();

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>The whole cluster, with equal shares on every node.</summary>
    public async Task<FarmStage> WholeAsync()
    {
        if (_lab is not null && !await RepairAsync(_lab))
            await DisposeAsync();
        if (_lab is null)
        {
            _lab = await ClusterLab.CreateAsync(Options);
            _wire = new WireCapture(_lab.Switch);
            await _lab.StartDaemonsAsync();
            await _lab.WaitWholeAsync(SettleLimit);
        }

        return new FarmStage(_lab, _wire!);
    }

    public async Task DisposeAsync()
    {
        _wire?.Dispose();
        if (_lab is not null)
            await _lab.DisposeAsync();
        _lab = null;
    }

    private static async Task<bool> RepairAsync(ClusterLab lab)
    {
        try
        {
            foreach (var node in lab.Nodes)
            {
                await lab.Switch.SetIsolatedAsync(node.Name, isolated: false);
                await lab.Switch.SetFloodAsync(node.Name, floods: true);
                lab.Files.Write(node.Paths, node.Number);
                await NodeFaults.BringBackAsync(node);
            }

            await lab.WaitWholeAsync(SettleLimit);
            return true;
        }
        catch (Exception e) when (e is LabException or SafeKitException or OperationCanceledException)
        {
            return false;
        }
    }
}
