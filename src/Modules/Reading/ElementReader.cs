using System.Globalization;

namespace SafeKit.Modules;

/// <summary>
/// Typed access to the attributes of one element. A bad value becomes a finding, and the default stands in for it.
/// </summary>
internal readonly struct ElementReader(ConfigElement element, FindingList findings)
{
    public ConfigElement Element { get; } = element;

    public FindingList Findings { get; } = findings;

    public SourcePlace Place => Element.Place;

    public string Text(string name, string defaultValue = "") => Element.Attribute(name)?.Value ?? defaultValue;

    public SourcePlace PlaceOf(string attribute) => Element.Attribute(attribute)?.Place ?? Element.Place;

    public bool Has(string name) => Element.Attribute(name) is not null;

    public string Required(string name)
    {
        var value = Element.Attribute(name)?.Value.Trim();
        if (value is null)
            Findings.Error(Place, $"<{Element.Name}> lacks its attribute {name}", $"add {name}=\"...\"");
        else if (value.Length == 0)
            Findings.Error(PlaceOf(name), $"attribute {name} of <{Element.Name}> is empty", "give it a value");
        return value ?? "";
    }

    public bool OnOff(string name, bool defaultValue) =>
        Choice(name, defaultValue ? "on" : "off", "on", "off") == "on";

    /// <summary>One of the given words; case does not matter.</summary>
    public string Choice(string name, string defaultValue, params string[] words)
    {
        var value = Element.Attribute(name)?.Value.Trim();
        if (value is null)
            return defaultValue;
        var word = Array.Find(words, candidate => candidate.Equals(value, StringComparison.OrdinalIgnoreCase));
        if (word is not null)
            return word;
        var nearest = NearestName.Find(value, words);
        Invalid(name, $"expected {string.Join(" or ", words)}", nearest is null ? null : $"did you mean {nearest}?");
        return defaultValue;
    }

    public int? Int(string name, int min, int max)
    {
        var value = Element.Attribute(name)?.Value.Trim();
        if (value is null)
            return null;
        if (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= min
            && number <= max)
            return number;
        Invalid(
            name,
            $"expected a whole number from {min} to {max}",
            $"write a number from {min} to {max}, or remove the attribute for its default");
        return null;
    }

    /// <summary>A time in <paramref name="unit"/>s (see <see cref="TimeValue"/>).</summary>
    public int? Time(string name, TimeUnit unit, int min = 0, int max = int.MaxValue)
    {
        var value = Element.Attribute(name)?.Value.Trim();
        if (value is null)
            return null;
        if (TimeValue.Parse(value, unit, out var reason, out var remedy) is not { } time)
        {
            Invalid(name, reason, remedy ?? $"for example {name}=\"{Math.Max(min, 10)}{TimeValue.NameOf(unit)}\"");
            return null;
        }

        if (time >= min && time <= max)
            return time;
        var limit = time < min ? $"at least {min}" : $"at most {max}";
        Invalid(name, $"expected {limit}{TimeValue.NameOf(unit)}", null);
        return null;
    }

    /// <summary>For what users of older versions write, and what changes nothing here.</summary>
    public void NoteNoEffect(string name) =>
        Findings.Note(
            PlaceOf(name),
            $"attribute {name} of <{Element.Name}> has no effect in this version",
            "it may be removed");

    public void Invalid(string name, string expected, string? remedy) =>
        Findings.Error(
            PlaceOf(name),
            $"invalid value \"{Shown(Text(name))}\" for {name} of <{Element.Name}>: {expected}",
            remedy ?? "correct the value, or remove the attribute for its default");

    private static string Shown(string value) => value.Length > 60 ? value[..60] + "..." : value;
}
