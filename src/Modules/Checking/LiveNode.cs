using System.Net.NetworkInformation;
using SafeKit.Modules.Native;

namespace SafeKit.Modules;

/// <summary>What a check may compare a configuration with on the node that will run it.</summary>
/// <param name="ScriptsFolder">The module's bin folder; null to leave scripts out.</param>
public sealed record LiveNode(IReadOnlyList<LiveInterface> Interfaces, string? ScriptsFolder)
{
    public static LiveNode Read(string? scriptsFolder) => new(
        [
            .. NetworkInterface.GetAllNetworkInterfaces().Select(item => new LiveInterface(
                item.Name,
                item.NetworkInterfaceType == NetworkInterfaceType.Loopback,
                [.. item.GetIPProperties().UnicastAddresses.Select(unicast => (unicast.Address, unicast.PrefixLength))])),
        ],
        scriptsFolder);

    /// <returns>null when the script can be run, else what is wrong with it.</returns>
    internal string? ScriptProblem(string script)
    {
        var file = Path.Combine(ScriptsFolder!, script);
        if (!File.Exists(file))
            return "is missing";
        return LibC.IsExecutable(file) ? null : "is not executable";
    }
}
