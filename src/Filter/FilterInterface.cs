namespace SafeKit.Filter;

/// <summary>A network interface that the filter guards.</summary>
public sealed record FilterInterface(string Name);
