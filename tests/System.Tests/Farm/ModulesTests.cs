using System.Net;
using System.Net.Sockets;
using System.Text;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Lab;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Load;
using SafeKit.Lab.Topology;

namespace SafeKit.SystemTests.Farm;

/// <summary>
/// Two farm modules with different addresses on one interface, one of them on a second interface too. The other one's traffic is opened and closed
/// by its scripts, and its connections are reset when it leaves: both programs behind it are the first one's nginx, which nobody stops.
/// </summary>
[Collection(FarmCollection.Name)]
public sealed class ModulesTests
{
    private const string Shop = "shop";
    private const int Requests = 40;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(10);
    private static readonly IPEndPoint _shop = IPEndPoint.Parse("10.99.0.101:80");
    private static readonly IPEndPoint _second = IPEndPoint.Parse("10.98.0.100:80");

    [RootFact]
    public async Task Several_modules_and_interfaces_scriptcontrol_and_tcpreset()
    {
        await using var lab = await ClusterLab.CreateAsync(new LabOptions
        {
            Nodes = 2,
            Clients = 1,
            SecondLan = true,
            ChangeNetwork = PlugClientAsync,
            ChangeFiles = Write,
        });
        await lab.StartDaemonsAsync();
        await lab.WaitWholeAsync(FarmFixture.SettleLimit);
        await WaitForSharesAsync(lab, half: true);
        foreach (var target in new[] { LabAddresses.Web4, LabAddresses.Web6, _second, _shop })
            Assert.Equal(lab.NodeNames, await AskAsync(lab, target));

        await ClosesAndOpensAsync(lab);
        await ResetsAsync(lab);
        Assert.Equal(lab.NodeNames, await AskAsync(lab, LabAddresses.Web4));
    }

    /// <summary>By hand, as the scripts do it; what was said last is still true for the next daemon.</summary>
    private static async Task ClosesAndOpensAsync(ClusterLab lab)
    {
        var node = lab.Node("node1");
        var refused = await node.CliAsync("traffic", "close", "-m", ClusterFiles.Module);
        Assert.Contains("scriptcontrol", refused.Text, StringComparison.Ordinal);
        Assert.NotEqual(0, refused.ExitCode);

        await node.MustCliAsync("traffic", "close", "-m", Shop);
        Assert.Equal(["node2"], await AskAsync(lab, _shop));
        Assert.Equal(lab.NodeNames, await AskAsync(lab, _second));
        await RestartDaemonAsync(node);
        Assert.NotNull((await ShopOfAsync(node)).Closed);
        await node.MustCliAsync("-r", "saferpc_send", "vipd", "SETGROUPS", "all", "all", "all", "-m", Shop);
        await WaitForSharesAsync(lab, half: true);
        await RestartDaemonAsync(node);
        await WaitForSharesAsync(lab, half: true);
    }

    /// <summary>Idle connections hear of the end at once, those of the other node and of the other module not at all.</summary>
    private static async Task ResetsAsync(ClusterLab lab)
    {
        var idle = new List<(Socket Socket, string Node, Task<int> Next)>();
        for (var i = 0; i < Requests; i++)
            idle.Add(await HoldAsync(lab.Clients[0], i % 2 == 0 ? _shop : LabAddresses.Web4));
        var leaving = idle.Where((one, i) => i % 2 == 0 && one.Node == "node1").ToList();
        Assert.NotEmpty(leaving);

        await lab.Node("node1").MustCliAsync("stop", "-m", Shop);
        foreach (var (_, _, next) in leaving)
        {
            var failure = await Assert.ThrowsAsync<SocketException>(() => next.WaitAsync(_limit));
            Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        }

        await WaitForSharesAsync(lab, half: false);
        Assert.Equal(["node2"], await AskAsync(lab, _shop));
        Assert.DoesNotContain(idle.Except(leaving), one => one.Next.IsCompleted);
        idle.ForEach(one => one.Socket.Dispose());
    }

    private static async Task RestartDaemonAsync(LabNode node)
    {
        await node.KillDaemonAsync();
        await node.StartDaemonAsync();
        await node.WaitForModuleAsync(module => module is { State: "UP", Status: "Ready" }, _limit);
        await UntilAsync(async () => await ShopOfAsync(node) is { State: "UP", Status: "Ready" });
    }

    private static async Task<ModuleState> ShopOfAsync(LabNode node) => (await node.StateAsync())!.Modules.Single(module => module.Module == Shop);

    /// <summary>Half for each node, or all for the second.</summary>
    private static Task WaitForSharesAsync(ClusterLab lab, bool half) => UntilAsync(async () =>
    {
        var picture = await lab.PictureAsync();
        var shares = lab.NodeNames.Select(name => picture.States[name]?.Modules.FirstOrDefault(m => m.Module == Shop)?.Shares.Sum(s => s.Buckets) ?? 0);
        return shares.SequenceEqual(half ? [Limits.BucketsPerGroup / 2, Limits.BucketsPerGroup / 2] : [0, Limits.BucketsPerGroup]);
    });

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(_limit);
        while (!await condition())
            await Task.Delay(20, limit.Token);
    }

    /// <summary>The nodes that answered; every request must be answered.</summary>
    private static async Task<IReadOnlyCollection<string>> AskAsync(ClusterLab lab, IPEndPoint target)
    {
        var nodes = new SortedSet<string>();
        for (var i = 0; i < Requests; i++)
        {
            var socket = lab.Clients[0].Network.Invoke(() => HttpExchange.CreateSocket(target.AddressFamily, sourcePort: 0));
            var outcome = await HttpExchange.RunAsync(socket, target, _limit);
            Assert.True(outcome.Answered, $"{target}: {outcome.Error}");
            nodes.Add(outcome.Node!);
        }

        return nodes;
    }

    /// <summary>A connection that has been answered, and what it will hear next.</summary>
    private static async Task<(Socket Socket, string Node, Task<int> Next)> HoldAsync(LabClient client, IPEndPoint target)
    {
        var socket = client.Network.Invoke(() => HttpExchange.CreateSocket(target.AddressFamily, sourcePort: 0));
        await socket.ConnectAsync(target);
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: virtual\r\n\r\n"));
        var buffer = new byte[1024];
        var length = 0;
        while (!HttpExchange.IsWholeAnswer(buffer.AsSpan(0, length)))
            length += await socket.ReceiveAsync(buffer.AsMemory(length));
        return (socket, HttpExchange.ParseNode(buffer.AsSpan(0, length))!, socket.ReceiveAsync(new byte[1]));
    }

    private static async Task PlugClientAsync(LabSwitch labSwitch, NamespaceHolder machine)
    {
        if (machine.Name != "client1")
            return;
        await labSwitch.PlugAsync(machine, "eth1", "02:00:00:00:03:01", network: 1);
        await machine.IpAsync("addr add 10.98.0.21/24 dev eth1", "link set eth1 up");
    }

    private static void Write(NodePaths paths)
    {
        var web = paths.UserConfig(ClusterFiles.Module);
        File.WriteAllText(web, File.ReadAllText(web).Replace(
            "</interface_list>",
            $"""<interface name="eth1"><virtual_interface type="vmac_invisible"><virtual_addr addr="{_second.Address}"/></virtual_interface></interface></interface_list>"""));
        Directory.CreateDirectory(Path.GetDirectoryName(paths.UserConfig(Shop))!);
        File.WriteAllText(paths.UserConfig(Shop), $"""
            <safe>
              <service mode="farm" boot="on">
                <farm><lan name="default"/></farm>
                <vip scriptcontrol="on">
                  <interface_list>
                    <interface name="eth0">
                      <virtual_interface type="vmac_invisible"><virtual_addr addr="{_shop.Address}"/></virtual_interface>
                    </interface>
                  </interface_list>
                  <loadbalancing_list><group name="shop"><rule port="80" proto="tcp" filter="on_port"/></group></loadbalancing_list>
                </vip>
                <user/>
              </service>
            </safe>

            """);
        Directory.CreateDirectory(paths.Scripts(Shop));
        WriteScript(paths, "prestart", "exit 0");
        WriteScript(paths, "start_both", "safekit traffic close && safekit -r saferpc_send vipd SETGROUPS all all all");
        WriteScript(paths, "stop_both", "[ \"$1\" = force ] || safekit traffic close --timeout 1");
    }

    private static void WriteScript(NodePaths paths, string name, string command)
    {
        var script = Path.Combine(paths.Scripts(Shop), name);
        File.WriteAllText(script, $"#!/bin/sh\n{command}\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
