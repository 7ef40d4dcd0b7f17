namespace SafeKit.Core;

/// <summary>
/// Every path of a node, all below one root, so that several nodes can live on one machine. The root comes from
/// <c>SAFEKIT_ROOT</c> or the <c>--root</c> option and is <c>/</c> on a production server.
/// </summary>
public sealed class NodePaths(string root)
{
    public const string RootVariable = "SAFEKIT_ROOT";

    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Configuration that the administrator writes.</summary>
    public string Etc => Path.Combine(Root, "etc/safekit");

    /// <summary>State that survives a reboot.</summary>
    public string Var => Path.Combine(Root, "var/lib/safekit");

    /// <summary>State that does not survive a reboot.</summary>
    public string Run => Path.Combine(Root, "run/safekit");

    /// <summary>Mount point of the node's own bpffs, which holds the pinned filter.</summary>
    public string Bpf => Path.Combine(Run, "bpf");

    /// <summary>Socket of the control API.</summary>
    public string ControlSocket => Path.Combine(Run, "control.sock");

    /// <summary>Held with an exclusive lock by the running daemon.</summary>
    public string LockFile => Path.Combine(Run, "safekitd.lock");

    public string ClusterXml => Path.Combine(Etc, "cluster/cluster.xml");

    /// <summary>32 random bytes in hexadecimal, the same on every node, readable by root only.</summary>
    public string ClusterKey => Path.Combine(Etc, "cluster/cluster.key");

    /// <summary>Name of this node in <c>cluster.xml</c>, when it cannot be told from its addresses.</summary>
    public string NodeName => Path.Combine(Etc, "cluster/node");

    /// <summary>Folder of the modules' editable configuration: one folder per module with <c>conf</c> and <c>bin</c>.</summary>
    public string Modules => Path.Combine(Etc, "modules");

    public string Module(string module) => Path.Combine(Modules, module);

    public string UserConfig(string module) => Path.Combine(Module(module), "conf/userconfig.xml");

    public string Scripts(string module) => Path.Combine(Module(module), "bin");

    /// <summary>Applied copy of a module's configuration (SAFEUSERCONF and SAFEUSERBIN point into it).</summary>
    public string ActiveModule(string module) => Path.Combine(Var, "active", module);

    /// <summary>Run-time files and script logs of a module (SAFEUSERVAR).</summary>
    public string ModuleVar(string module) => Path.Combine(Var, "modules", module);

    public static NodePaths FromEnvironment() => new(Environment.GetEnvironmentVariable(RootVariable) ?? "/");
}
