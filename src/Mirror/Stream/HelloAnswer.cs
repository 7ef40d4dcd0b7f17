using SafeKit.Mirror.Generations;

namespace SafeKit.Mirror.Stream;

/// <summary>The primary's answer to <see cref="Hello"/>, in the same form.</summary>
/// <param name="Accepted">False: Rule and Remedy say why, and the connection ends.</param>
/// <param name="Final">Refused, and trying again is useless without an order of the administrator.</param>
/// <param name="Epoch">Epoch of the operations that follow.</param>
/// <param name="KeepsMap">The secondary's map of file ids stays valid; otherwise it begins empty.</param>
/// <param name="FirstSequence">Sequence of the first operation that follows.</param>
public sealed record HelloAnswer(
    bool Accepted,
    bool Final,
    string Rule,
    string Remedy,
    ReintegrationKind Kind,
    GenerationRecord Record,
    ulong Epoch,
    bool KeepsMap,
    ulong FirstSequence);
