using SafeKit.Mirror.Generations;

namespace SafeKit.Mirror.Tests.Generations;

/// <summary>Records for tables.</summary>
internal static class Chapters
{
    public static readonly Guid A = new("aaaaaaaa-0000-0000-0000-000000000001");
    public static readonly Guid B = new("bbbbbbbb-0000-0000-0000-000000000002");
    public static readonly Guid C = new("cccccccc-0000-0000-0000-000000000003");
    public static readonly Guid D = new("dddddddd-0000-0000-0000-000000000004");

    public static readonly GenerationRecord Unknown = GenerationRecord.Empty;

    public static GenerationRecord Alone(Guid current, params Guid[] history) => new(current, history, DataStanding.Alone, true, 0, 0);

    public static GenerationRecord Paired(Guid current, params Guid[] history) => new(current, history, DataStanding.Paired, false, 0, 0);

    public static GenerationRecord Outdated(Guid current, params Guid[] history) => new(current, history, DataStanding.Outdated, false, 0, 0);

    public static GenerationRecord Inconsistent(Guid current, params Guid[] history) =>
        new(current, history, DataStanding.Inconsistent, false, 0, 0);

    /// <summary>Every pair of records of three chapters, histories up to two, every standing, leading before or not.</summary>
    public static IEnumerable<(GenerationRecord Own, GenerationRecord Peer)> AllPairs()
    {
        Guid[][] chapters = [[Guid.Empty], [A], [B], [A, B], [B, A], [C, A], [C, B, A], [A, Guid.Empty]];
        GenerationRecord[] all =
        [
            .. from line in chapters
               from standing in Enum.GetValues<DataStanding>()
               from wasPrimary in new[] { false, true }
               from sequence in new ulong[] { 0, 7 }
               select new GenerationRecord(line[0], line[1..], standing, wasPrimary, sequence, sequence),
        ];
        return from own in all from peer in all select (own, peer);
    }
}
