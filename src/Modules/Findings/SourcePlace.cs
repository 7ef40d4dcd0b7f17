namespace SafeKit.Modules;

/// <summary>Where something is written: line and column count from 1, as editors show them.</summary>
public readonly record struct SourcePlace(string File, int Line, int Column);
