using SafeKit.Lab.Topology;

namespace SafeKit.Lab;

/// <summary>Keeps a cluster up until a signal, and prints how to enter its machines: for experiments by hand.</summary>
public static class Hold
{
    public static async Task<int> RunAsync(LabOptions options, TextWriter output, CancellationToken cancel)
    {
        await using var lab = await ClusterLab.CreateAsync(options);
        if (options.WithSafeKit)
            await lab.StartDaemonsAsync();
        foreach (var node in lab.Nodes)
            await output.WriteLineAsync($"{node.Name}  SAFEKIT_ROOT={node.Paths.Root} {Enter(node.Machine.InitPid)}");
        foreach (var client in lab.Clients)
            await output.WriteLineAsync($"{client.Name}  {Enter(client.InitPid)}");
        await output.WriteLineAsync($"switch  {Enter(lab.Switch.InitPid)}");
        await output.WriteLineAsync($"folder  {lab.Folder}");
        await output.WriteLineAsync("ready; Ctrl-C ends it");
        await output.FlushAsync(cancel);
        await Task.Delay(Timeout.Infinite, cancel);
        return 0;
    }

    internal static string Enter(int initPid) => $"nsenter -t {initPid} -m -n -p -- bash";
}
