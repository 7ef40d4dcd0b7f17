namespace SafeKit.Modules;

/// <summary>What <c>&lt;check&gt;</c> says, as far as this version serves it.</summary>
public sealed record CheckersConfiguration(IReadOnlyList<TcpCheckerConfiguration> Tcp);
