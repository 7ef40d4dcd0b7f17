namespace SafeKit.Core.Control;

/// <summary>One line of a module's log.</summary>
/// <param name="Level">C(ritical), E(vent), S(cript), U(ser), I(nformation), as in reference section 8.7.</param>
public sealed record LogLine(DateTimeOffset Time, string Level, string Module, string Origin, string Message);
