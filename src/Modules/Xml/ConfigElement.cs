namespace SafeKit.Modules;

/// <summary>An element with its place. Comments, processing instructions and white space are already gone.</summary>
internal sealed class ConfigElement(string name, SourcePlace place)
{
    public string Name { get; } = name;

    public SourcePlace Place { get; } = place;

    public List<ConfigAttribute> Attributes { get; } = [];

    public List<ConfigElement> Children { get; } = [];

    /// <summary>Place of the first text that is more than white space, if any.</summary>
    public SourcePlace? Text { get; set; }

    public ConfigAttribute? Attribute(string name) => Attributes.Find(attribute => attribute.Name == name);

    public ConfigElement? Child(string name) => Children.Find(child => child.Name == name);

    public IEnumerable<ConfigElement> ChildrenNamed(string name) => Children.Where(child => child.Name == name);
}
