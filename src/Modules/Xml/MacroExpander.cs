using System.Text.RegularExpressions;
using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>
/// Replaces <c>%name%</c> by the macro of that name, else by the environment variable. A macro holds from its definition
/// on, and its own value is expanded once, when it is defined; with the two limits below, macros cannot be made to explode.
/// </summary>
internal sealed partial class MacroExpander(IReadOnlyDictionary<string, string> environment, FindingList findings)
{
    private const int ValueCharactersMax = 4096;
    private int _charactersLeft = Limits.ConfigurationBytesMax;

    public Dictionary<string, string> Macros { get; } = [];

    /// <summary>Expands every attribute in document order and collects the macros on the way.</summary>
    public void Expand(ConfigElement element)
    {
        foreach (var attribute in element.Attributes)
            attribute.Value = Expand(attribute);
        if (element.Name == "macro")
            Define(element);
        foreach (var child in element.Children)
            Expand(child);
    }

    private void Define(ConfigElement element)
    {
        var name = element.Attribute("name");
        var value = element.Attribute("value");
        if (name is null || value is null || !Name().IsMatch(name.Value))
        {
            findings.Error(
                name?.Place ?? element.Place,
                "a macro needs a name of letters, digits, '_', '-' and '.', and a value",
                "write <macro name=\"VIP\" value=\"192.168.1.10\"/>");
            return;
        }

        if (!Macros.TryAdd(name.Value, value.Value))
        {
            findings.Warning(
                name.Place,
                $"macro {name.Value} is defined twice; this value holds from here on",
                "keep one of the two");
            Macros[name.Value] = value.Value;
        }
    }

    private string Expand(ConfigAttribute attribute)
    {
        if (!attribute.RawValue.Contains('%'))
            return attribute.RawValue;
        var expanded = Reference().Replace(attribute.RawValue, match => Lookup(match.Groups[1].Value, attribute));
        _charactersLeft -= expanded.Length;
        if (expanded.Length <= ValueCharactersMax && _charactersLeft >= 0)
            return expanded;
        findings.Error(
            attribute.Place,
            $"attribute {attribute.Name} becomes too long when its macros are replaced",
            $"keep every value below {ValueCharactersMax} characters");
        return "";
    }

    private string Lookup(string name, ConfigAttribute attribute)
    {
        if (Macros.TryGetValue(name, out var value) || environment.TryGetValue(name, out value))
            return value;
        findings.Warning(
            attribute.Place,
            $"%{name}% is neither a macro defined before nor an environment variable; it stays as it is",
            Macros.Count > 0 && NearestName.Find(name, Macros.Keys) is { } nearest
                ? $"did you mean %{nearest}%?"
                : $"define it before: <macro name=\"{name}\" value=\"...\"/>");
        return $"%{name}%";
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.\-]*\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"%([A-Za-z_][A-Za-z0-9_.\-]*)%")]
    private static partial Regex Reference();
}
