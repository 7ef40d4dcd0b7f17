using System.CommandLine;
using SafeKit.Core.Control;

namespace SafeKit.Cli.Commands;

/// <summary><c>safekit cluster ...</c> (reference section 3.3).</summary>
public static class ClusterCommands
{
    public static Command Create(SharedOptions options) =>
        new("cluster", "Configuration and state of the cluster.")
        {
            State(options),
            Config(options),
            ConfCheck(options),
        };

    private static Command State(SharedOptions options)
    {
        var command = new Command("state", "Show every node and whether all run the same configuration.");
        command.SetAction(async (result, cancel) =>
        {
            using var client = options.ClientOf(result);
            var state = await client.ClusterStateAsync(cancel);
            if (result.GetValue(options.Json))
                Output.Json(state, ControlJson.Indented.ClusterState);
            else
                Output.Table(["NODE", "REACHED", "CLUSTER", "MODULE", "STATE", "CONFIGURATION", "NOTE"], state.Nodes.SelectMany(Rows));
            return state.Nodes.All(n => n.Reached && n.SameCluster) ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(ClusterNodeState node)
    {
        var reached = node.Reached ? "yes" : "no";
        var note = node.ErrorText.Length > 0 || node.SameCluster || !node.Reached
            ? node.ErrorText
            : "its cluster.xml differs from this node's";
        if (node.Modules.Count == 0)
            return [[node.Node, reached, node.ClusterSignature, "-", "-", "-", note]];
        return node.Modules.Select(m => (IReadOnlyList<string>)
            [node.Node, reached, node.ClusterSignature, m.Module, $"{m.State} {m.Status}", m.ConfigurationSignature, m.ErrorText ?? note]);
    }

    private static Command Config(SharedOptions options)
    {
        var file = new Argument<FileInfo>("cluster.xml") { Description = "The new cluster configuration" };
        file.AcceptExistingOnly();
        var command = new Command("config", "Check and apply a cluster configuration on this node.") { file };
        command.SetAction(async (result, cancel) =>
        {
            var path = result.GetRequiredValue(file).FullName;
            var paths = options.PathsOf(result);
            var json = result.GetValue(options.Json);
            var checkedOk = FileCheck.Run(path, paths, null, json);
            if (checkedOk != ExitCodes.Done)
                return checkedOk;
            using var client = options.ClientOf(result);
            return Output.Action(await client.ClusterConfigAsync(await File.ReadAllTextAsync(path, cancel), cancel), json);
        });
        return command;
    }

    private static Command ConfCheck(SharedOptions options)
    {
        var file = new Argument<FileInfo?>("cluster.xml") { Arity = ArgumentArity.ZeroOrOne, Description = "Default: the one in force" };
        var command = new Command("confcheck", "Check a cluster configuration without applying it.") { file };
        command.SetAction(result =>
        {
            var paths = options.PathsOf(result);
            return FileCheck.Run(result.GetValue(file)?.FullName ?? paths.ClusterXml, paths, null, result.GetValue(options.Json));
        });
        return command;
    }
}
