namespace SafeKit.Modules;

/// <summary>An attribute with its place; <see cref="Value"/> is the text after macro expansion.</summary>
internal sealed class ConfigAttribute(string name, string rawValue, SourcePlace place)
{
    public string Name { get; } = name;

    public string RawValue { get; } = rawValue;

    public string Value { get; set; } = rawValue;

    public SourcePlace Place { get; } = place;
}
