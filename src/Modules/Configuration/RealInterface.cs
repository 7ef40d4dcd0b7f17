namespace SafeKit.Modules;

/// <summary>Virtual addresses behind the interface's own MAC: for mirror modules.</summary>
public sealed record RealInterface(IReadOnlyList<VirtualAddress> VirtualAddresses, SourcePlace Place = default);
