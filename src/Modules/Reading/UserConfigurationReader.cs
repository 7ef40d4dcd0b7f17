using System.Net;

namespace SafeKit.Modules;

/// <summary>
/// Reads <c>userconfig.xml</c>. Never throws for what a file holds: everything wrong is a <see cref="Finding"/>.
/// </summary>
public static class UserConfigurationReader
{
    public static ConfigurationResult<UserConfiguration> Read(
        string file, IReadOnlyDictionary<string, string> environment, Func<string, IPAddress[]>? resolve = null)
    {
        var findings = new FindingList(file);
        return ConfigurationFile.ReadText(file, findings) is { } text
            ? Read(text, findings, environment, resolve)
            : new ConfigurationResult<UserConfiguration>(null, findings.ToList());
    }

    public static ConfigurationResult<UserConfiguration> ReadText(
        string text, string fileName, IReadOnlyDictionary<string, string> environment, Func<string, IPAddress[]>? resolve = null) =>
        Read(text, new FindingList(fileName), environment, resolve);

    private static ConfigurationResult<UserConfiguration> Read(
        string text, FindingList findings, IReadOnlyDictionary<string, string> environment, Func<string, IPAddress[]>? resolve)
    {
        UserConfiguration? configuration = null;
        if (ConfigDocument.Parse(text, findings) is { } top)
        {
            var expander = new MacroExpander(environment, findings);
            ElementSchema[] beside = [UserConfigurationSchema.Macro];
            if (DocumentRoot.Open(top, UserConfigurationSchema.Root, beside, expander, findings) is { } root)
                configuration = ReadRoot(
                    root,
                    expander.Macros,
                    ContentSignature.Of(top),
                    new AddressResolver(resolve),
                    findings);
        }

        return new ConfigurationResult<UserConfiguration>(findings.HasErrors ? null : configuration, findings.ToList());
    }

    private static UserConfiguration? ReadRoot(
        ConfigElement root, Dictionary<string, string> macros, ulong signature, AddressResolver resolver, FindingList findings)
    {
        if (root.Child("service") is not { } element)
        {
            findings.Error(root.Place, "<safe> holds no <service>", "add <service mode=\"farm\"> ... </service>");
            return null;
        }

        var service = ServiceReader.Read(new ElementReader(element, findings));
        var farm = element.Child("farm") is { } farmElement
            ? FarmReader.Read(new ElementReader(farmElement, findings), resolver)
            : null;
        var vip = element.Child("vip") is { } vipElement
            ? VipReader.Read(new ElementReader(vipElement, findings), service.Mode, resolver)
            : null;
        var user = element.Child("user") is { } userElement
            ? UserScriptsReader.Read(new ElementReader(userElement, findings))
            : null;
        var checkers = CheckersReader.Read(element.Child("check"), service.Mode, findings);
        return new UserConfiguration(service, farm, vip, user, checkers, macros, signature)
        {
            Heart = element.Child("heart") is { } heart ? HeartReader.Read(new ElementReader(heart, findings)) : null,
            Replication = element.Child("rfs") is { } rfs ? ReplicationReader.Read(new ElementReader(rfs, findings)) : null,
        };
    }
}
