using SafeKit.Core;
using SafeKit.Daemon.Mirror;
using SafeKit.Modules;

namespace SafeKit.Daemon;

/// <summary>
/// Applies a module's edited configuration: checks it, copies it to the active place, and only then lets it count, so
/// that a broken edit never harms what runs (A3).
/// </summary>
public sealed class ModuleConfigurator(NodePaths paths)
{
    public string ActiveUserConfig(string module) => Path.Combine(paths.ActiveModule(module), "conf/userconfig.xml");

    /// <summary>Where modules are put to be configured.</summary>
    public string Folder => paths.Modules;

    /// <summary>Modules that have a configuration file, by the alphabet.</summary>
    public IReadOnlyList<string> ConfiguredModules() =>
        Directory.Exists(paths.Modules)
            ? Directory.GetDirectories(paths.Modules)
                .Where(d => File.Exists(Path.Combine(d, "conf/userconfig.xml")))
                .Select(d => Path.GetFileName(d))
                .Order(StringComparer.Ordinal)
                .ToList()
            : [];

    public bool IsApplied(string module) => File.Exists(ActiveUserConfig(module));

    /// <summary>The active configuration of a module.</summary>
    /// <exception cref="SafeKitException">It cannot be read, or has errors.</exception>
    public UserConfiguration ReadActive(string module) => Read(ActiveUserConfig(module), null, null);

    /// <summary>Mode of the active configuration, or of the edited one while there is none; farm where neither can be read.</summary>
    public ServiceMode ModeOf(string module)
    {
        try
        {
            var file = IsApplied(module) ? ActiveUserConfig(module) : paths.UserConfig(module);
            return UserConfigurationReader.Read(file, ProcessEnvironment.Variables()).Value?.Service.Mode ?? ServiceMode.Farm;
        }
        catch (SafeKitException)
        {
            return ServiceMode.Farm;
        }
    }

    /// <exception cref="SafeKitException">The edited configuration has errors; the active one stays as it was.</exception>
    public UserConfiguration Apply(string module, ClusterConfiguration cluster)
    {
        var configuration = Read(paths.UserConfig(module), cluster, LiveNode.Read(paths.Scripts(module)));
        if (DirectoryOverlap.Find(paths.UserConfig(module), configuration, OtherActive(module)) is { } overlap)
            throw new SafeKitException(overlap);
        var active = paths.ActiveModule(module);
        var next = active + ".new";
        if (Directory.Exists(next))
            Directory.Delete(next, recursive: true);
        CopyFolder(paths.Module(module), next);
        if (Directory.Exists(active))
            Directory.Delete(active, recursive: true);
        Directory.Move(next, active);
        return configuration;
    }

    /// <summary>A configuration that cannot be read is not in force either.</summary>
    private IEnumerable<(string Module, UserConfiguration Configuration)> OtherActive(string module)
    {
        foreach (var other in ConfiguredModules().Where(name => name != module && IsApplied(name)))
        {
            if (UserConfigurationReader.Read(ActiveUserConfig(other), ProcessEnvironment.Variables()).Value is { } configuration)
                yield return (other, configuration);
        }
    }

    private static UserConfiguration Read(string file, ClusterConfiguration? cluster, LiveNode? node)
    {
        var read = UserConfigurationReader.Read(file, ProcessEnvironment.Variables());
        if (read.Value is not { } configuration)
            throw new SafeKitException(FindingText.Errors(read.Findings));
        var errors = ConfigurationCheck.Check(configuration, cluster, node).Where(f => f.Severity == Severity.Error).ToList();
        return errors.Count == 0 ? configuration : throw new SafeKitException(FindingText.Errors(errors));
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.GetDirectories(from))
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
