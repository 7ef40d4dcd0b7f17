namespace SafeKit.Bench;

/// <summary>One measured figure.</summary>
public sealed record Measurement(string Name, double Value, string Unit);
