namespace SafeKit.Modules;

/// <summary>A named observation such as <c>tcp.web = up</c>, since when, and why.</summary>
public sealed record Resource(string Name, ResourceValue Value, DateTimeOffset Since, string Reason)
{
    public override string ToString() => $"{Name} = {Value.ToString().ToLowerInvariant()}";
}
