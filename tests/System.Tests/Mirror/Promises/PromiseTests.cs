using SafeKit.Lab.Mirror;
using Xunit.Abstractions;

namespace SafeKit.SystemTests.Mirror.Promises;

/// <summary>
/// M1, call by call: what <c>async</c> and <c>wait</c> promise is on the other node although the primary died, without a network, the instant the call
/// had returned; and nothing waits that need not.
/// </summary>
public sealed class PromiseTests(ITestOutputHelper output)
{
    private const int QuickHeartMs = 1000;

    // Nobody decides to go on alone while a node stands still on purpose.
    private const int PatientHeartMs = 60_000;

    private const int DiskMb = 96;

    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(5);

    /// <summary>How long a call is watched that must not return.</summary>
    private static readonly TimeSpan _observation = TimeSpan.FromMilliseconds(700);

    /// <summary>From the weakest to the strongest: each promises what those before it do.</summary>
    private static readonly string[] _waits = ["sync", "close", "all"];

    private static readonly MirrorOptions _plain = new() { WithPostgres = false, Wait = "close", MoreWaits = ["sync", "all"] };

    [MirrorFact]
    public Task What_was_promised_is_on_the_other_node() => MirrorRun.OnAsync(_plain with { HeartTimeoutMs = QuickHeartMs }, async (lab, cancel) =>
    {
        var program = await PromiseProgram.CompileAsync(lab);
        foreach (var call in program.Calls)
        {
            var primary = await lab.PrimaryAsync(cancel);
            var heir = lab.Other(primary);
            var folder = $"{PathOf(lab, call.PromisedBy)}/{call.Name}";
            var before = await program.DieAfterAsync(lab, primary, call, folder, withDisks: false, cancel);
            await lab.WaitForAsync($"{heir.Name} going on alone", picture => picture.Is(heir.Name, "ALONE"), cancel);
            var check = await program.CheckAsync(call, heir.FolderOf(folder), before);
            Assert.True(check.Ok, $"{call.Name} on {primary.Name}, {before} changes before it: {check.Text}");
            output.WriteLine($"wait={call.PromisedBy}: {before} changes before it, {check.Text}");
            await MirrorFaults.RepairAsync(primary);
            await lab.WaitPairedAsync(cancel);
        }

        await MirrorRun.AssertIdenticalAsync(lab, cancel);
    }, _limit);

    [MirrorFact]
    public Task Without_a_disk_to_wait_for_what_was_synced_is_on_both_disks() => LosePowerAsync("none", (call, own, other) =>
    {
        Assert.True(own.Ok, $"{call.Name}, own disk: {own.Text}");
        Assert.True(other.Ok, $"{call.Name}, the other node's disk: {other.Text}");
    });

    /// <summary>The same disks show the difference: otherwise the test before would prove nothing.</summary>
    [MirrorFact]
    public Task With_async_second_it_is_on_the_own_disk_and_in_the_other_nodes_memory() => LosePowerAsync("second", (call, own, other) =>
    {
        Assert.True(own.Ok, $"{call.Name}, own disk: {own.Text}");
        Assert.False(other.Ok, $"{call.Name} waited for the other node's disk: {other.Text}");
    });

    [MirrorFact]
    public Task Only_what_is_promised_waits() => MirrorRun.OnAsync(_plain with { HeartTimeoutMs = PatientHeartMs }, async (lab, cancel) =>
    {
        var program = await PromiseProgram.CompileAsync(lab);
        var primary = await lab.PrimaryAsync(cancel);
        var free = new List<LiveCall>();
        var bound = new List<LiveCall>();
        for (var wait = 0; wait < _waits.Length; wait++)
        {
            foreach (var call in program.Calls)
            {
                var isBound = Array.IndexOf(_waits, call.PromisedBy) <= wait;
                (isBound ? bound : free).Add(await program.PrepareAsync(primary, call, $"{PathOf(lab, _waits[wait])}/{call.Name}", cancel));
            }
        }

        lab.Other(primary).SuspendDaemon();
        await Task.WhenAll(free.Select(call => call.MakeAsync(cancel)));
        var waiting = bound.Select(call => call.MakeAsync(cancel)).ToList();
        await Task.Delay(_observation, cancel);
        var early = bound.Where((_, number) => waiting[number].IsCompleted).Select(call => call.Call.Name);
        Assert.Empty(early);
        lab.Other(primary).ResumeDaemon();
        await Task.WhenAll(waiting);
        free.Concat(bound).ToList().ForEach(call => call.Dispose());
        await MirrorRun.AssertIdenticalAsync(lab, cancel);
    });

    private static string PathOf(MirrorLab lab, string wait) => wait == lab.Options.Wait ? lab.Files.DataPath : MirrorFiles.PathOf(wait);

    private Task LosePowerAsync(string asynchronous, Action<PromisedCall, Lab.Isolation.CommandResult, Lab.Isolation.CommandResult> judge)
    {
        var options = new MirrorOptions { WithPostgres = false, Async = asynchronous, Wait = "sync", DiskMb = DiskMb, HeartTimeoutMs = QuickHeartMs };
        return MirrorRun.OnAsync(options, async (lab, cancel) =>
        {
            var program = await PromiseProgram.CompileAsync(lab);
            foreach (var call in program.Calls.Where(call => call.PromisedBy == "sync"))
            {
                var primary = await lab.PrimaryAsync(cancel);
                var other = lab.Other(primary);
                var folder = $"{lab.Files.DataPath}/{call.Name}";
                var before = await program.DieAfterAsync(lab, primary, call, folder, withDisks: true, cancel);
                await other.PowerOffAsync();
                foreach (var node in lab.Nodes)
                    await node.PowerOnAsync();
                var (own, copy) = (await program.CheckAsync(call, primary.InsideFolder(folder), before),
                    await program.CheckAsync(call, other.InsideFolder(folder), before));
                judge(call, own, copy);
                output.WriteLine($"async={asynchronous}: own disk: {own.Text}; other disk: {copy.Text}");
                await lab.StartDaemonsAsync();
                await lab.WaitPairedAsync(cancel);
            }
        }, _limit);
    }
}
