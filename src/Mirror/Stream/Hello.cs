using SafeKit.Mirror.Generations;

namespace SafeKit.Mirror.Stream;

/// <summary>First message of the secondary, as JSON after a 4-byte little-endian length of at most <see cref="BytesMax"/>.</summary>
/// <param name="Protocol">Version of the protocol; both must have the same.</param>
/// <param name="Directories">Hash over paths and exclusion rules: both nodes must replicate the same.</param>
/// <param name="Full">The administrator asks for everything to be copied.</param>
/// <param name="MapEpoch">Epoch whose file ids this process still knows; 0: none.</param>
/// <param name="MapSequence">Last operation of that epoch that this process has applied.</param>
/// <param name="CheckpointEpoch">With <paramref name="CheckpointSequence"/>: the last checkpoint that its disk has; 0: none.</param>
/// <param name="HasOwnMarks">It was primary then: what it has changed since follows as answers, if what is marked is compared.</param>
/// <param name="CheckpointProblem">Why it has none although it was primary; empty: it never had, or has one.</param>
public sealed record Hello(
    int Protocol,
    string Module,
    string Node,
    string Directories,
    bool Full,
    GenerationRecord Record,
    ulong MapEpoch,
    ulong MapSequence,
    ulong CheckpointEpoch = 0,
    ulong CheckpointSequence = 0,
    bool HasOwnMarks = false,
    string CheckpointProblem = "")
{
    public const int ProtocolVersion = 4;
    public const int BytesMax = 64 << 10;
}
