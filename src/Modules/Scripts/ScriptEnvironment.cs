using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>Where a module's scripts run: folders and variables (reference section 4.2).</summary>
/// <param name="BinaryFolder">Folder of the <c>safekit</c> command: scripts call <c>$SAFE/safekit</c> or just <c>safekit</c>.</param>
/// <param name="Variables">The module's <c>&lt;var&gt;</c>s.</param>
public sealed record ScriptEnvironment(
    NodePaths Paths,
    string Module,
    string BinaryFolder,
    IReadOnlyDictionary<string, string> Variables)
{
    private const string PathDefault = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public string UserBin => Path.Combine(Paths.ActiveModule(Module), "bin");

    public string UserConf => Path.Combine(Paths.ActiveModule(Module), "conf");

    public string UserVar => Paths.ModuleVar(Module);

    /// <summary>What is added to the environment of the daemon; a <c>&lt;var&gt;</c> never hides one of ours.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary(string? inheritedPath)
    {
        var environment = new Dictionary<string, string>(Variables)
        {
            ["SAFE"] = BinaryFolder,
            ["SAFEBIN"] = BinaryFolder,
            ["SAFEVAR"] = Paths.Var,
            ["SAFEMODULE"] = Module,
            ["SAFEUSERBIN"] = UserBin,
            ["SAFEUSERCONF"] = UserConf,
            ["SAFEUSERVAR"] = UserVar,
            [NodePaths.RootVariable] = Paths.Root,
        };
        var path = Variables.GetValueOrDefault("PATH") ?? inheritedPath;
        environment["PATH"] = $"{BinaryFolder}:{(string.IsNullOrEmpty(path) ? PathDefault : path)}";
        return environment;
    }
}
