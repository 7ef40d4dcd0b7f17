using System.CommandLine;
using SafeKit.Core;
using SafeKit.Core.Control;

namespace SafeKit.Cli;

/// <summary>Options that every command understands.</summary>
public sealed class SharedOptions
{
    /// <summary>Variable that names the module inside its own scripts, so that <c>-m</c> may be left out there.</summary>
    public const string ModuleVariable = "SAFEMODULE";

    public Option<string?> Root { get; } = new("--root")
    {
        Description = $"Root of all paths of the node (default: ${NodePaths.RootVariable}, else /)",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print the answer as JSON",
        Recursive = true,
    };

    public Option<string?> Module { get; } = new("-m", "--module")
    {
        Description = $"The module (default: ${ModuleVariable})",
        Recursive = true,
    };

    public Option<int> TimeoutS { get; } = new("--timeout")
    {
        Description = "Seconds to wait for an answer",
        DefaultValueFactory = _ => 10,
        Recursive = true,
    };

    public SharedOptions() => Module.CompletionSources.Add(_ => ConfiguredModules());

    public void AddTo(Command command)
    {
        command.Options.Add(Root);
        command.Options.Add(Json);
        command.Options.Add(Module);
        command.Options.Add(TimeoutS);
    }

    public NodePaths PathsOf(ParseResult result) =>
        result.GetValue(Root) is { } root ? new NodePaths(root) : NodePaths.FromEnvironment();

    public ControlClient ClientOf(ParseResult result) =>
        new(PathsOf(result).ControlSocket, TimeSpan.FromSeconds(Math.Max(1, result.GetValue(TimeoutS))));

    /// <param name="timeout">Instead of the usual one; <c>--timeout</c> still counts where it is given.</param>
    public ControlClient ClientOf(ParseResult result, TimeSpan timeout) =>
        result.GetResult(TimeoutS) is { Implicit: false }
            ? ClientOf(result)
            : new ControlClient(PathsOf(result).ControlSocket, timeout);

    public string? ModuleOrNull(ParseResult result) =>
        result.GetValue(Module) ?? Environment.GetEnvironmentVariable(ModuleVariable);

    public string ModuleOf(ParseResult result) =>
        ModuleOrNull(result)
        ?? throw new SafeKitException("which module? name it with -m MODULE (safekit state lists them)");

    /// <summary>The named module, or every farm module that runs.</summary>
    public IReadOnlyList<string> ModulesOf(ParseResult result, NodeState node)
    {
        if (ModuleOrNull(result) is { } named)
            return [named];
        var running = node.Modules.Where(m => m is { Mode: "farm", State: "UP" }).Select(m => m.Module).ToList();
        return running.Count > 0 ? running : throw new SafeKitException("no farm module is up on this node; safekit state lists them");
    }

    private static IEnumerable<string> ConfiguredModules()
    {
        var folder = NodePaths.FromEnvironment().Modules;
        return Directory.Exists(folder) ? Directory.GetDirectories(folder).Select(d => Path.GetFileName(d)!) : [];
    }
}
