namespace SafeKit.Lab.Mirror;

/// <summary>Keeps a mirror up until a signal, and prints how to enter its machines: for experiments by hand.</summary>
public static class MirrorHold
{
    public static async Task<int> RunAsync(MirrorOptions options, bool withDaemons, bool withFirstStart, TextWriter output, CancellationToken cancel)
    {
        await using var lab = await MirrorLab.CreateAsync(options);
        if (withFirstStart)
            await lab.StartAsync(cancel);
        else if (withDaemons)
            await lab.StartDaemonsAsync();
        foreach (var node in lab.Nodes)
            await output.WriteLineAsync($"{node.Name}  SAFEKIT_ROOT={node.Paths.Root} {Hold.Enter(node.Machine.InitPid)}");
        await output.WriteLineAsync($"{lab.Client.Name}  {Hold.Enter(lab.Client.InitPid)}");
        await output.WriteLineAsync($"switch  {Hold.Enter(lab.Switch.InitPid)}");
        await output.WriteLineAsync($"folder  {lab.Folder}");
        await output.WriteLineAsync($"the first start: safekit prim -m {lab.Files.Module} on node1, safekit second -m {lab.Files.Module} on node2");
        await output.WriteLineAsync("ready; Ctrl-C ends it");
        await output.FlushAsync(cancel);
        await Task.Delay(Timeout.Infinite, cancel);
        return 0;
    }
}
