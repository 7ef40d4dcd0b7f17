using System.CommandLine;
using SafeKit.Core;
using SafeKit.Core.Control;

namespace SafeKit.Cli.Commands;

/// <summary><c>safekit trace CLIENT[:PORT] VIP:PORT</c>: which node takes this client's packets, asked of every kernel.</summary>
public static class TraceCommand
{
    public static Command Create(SharedOptions options)
    {
        var client = new Argument<string>("client") { Description = "Client address, with :port if the rule hashes the port; [v6]:port for IPv6" };
        var address = new Argument<string>("vip:port") { Description = "Virtual address and port; [v6]:port for IPv6" };
        var udp = new Option<bool>("--udp") { Description = "A UDP packet instead of TCP" };
        var local = new Option<bool>("--local") { Description = "Ask only this node" };
        var command = new Command("trace", "Show bucket, owner and each node's verdict for a packet.") { client, address, udp, local };
        command.SetAction(async (result, cancel) =>
        {
            var from = Endpoint.Parse(result.GetRequiredValue(client), portNeeded: false);
            var to = Endpoint.Parse(result.GetRequiredValue(address), portNeeded: true);
            var request = new TraceRequest(
                from.Address.ToString(),
                from.Port,
                to.Address.ToString(),
                to.Port,
                result.GetValue(udp) ? "udp" : "tcp",
                result.GetValue(local));
            using var control = options.ClientOf(result);
            return Print(await control.TraceAsync(request, cancel), result.GetValue(options.Json));
        });
        return command;
    }

    private static int Print(TraceAnswer answer, bool json)
    {
        if (json)
            Output.Json(answer, ControlJson.Indented.TraceAnswer);
        else
            Output.Table(
                ["NODE", "MODULE", "GROUP", "BUCKET", "OWNER", "VERDICT", "REASON"],
                answer.Nodes.Select(n => (IReadOnlyList<string>)
                    [n.Node, n.Module, n.Group, n.Bucket < 0 ? "-" : $"{n.Bucket}", n.Owner, n.Verdict, n.Reason]));
        return answer.Nodes.Count(n => n.Verdict == "taken") == 1 ? ExitCodes.Done : ExitCodes.Failed;
    }
}
