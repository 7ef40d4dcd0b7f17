using SafeKit.Membership;

namespace SafeKit.Simulation;

/// <summary>Plants one mistake into the protocol and looks for the first seed whose run exposes it.</summary>
internal static class MutantHunt
{
    public static IEnumerable<ProtocolMistake> Mistakes => Enum.GetValues<ProtocolMistake>().Where(mistake => mistake != ProtocolMistake.None);

    /// <summary>Null if no run of that many seeds exposes it.</summary>
    public static SimulationViolation? Hunt(ProtocolMistake mistake, int seedsMax)
    {
        const int SeedsAtOnce = 50;
        for (int from = 1; from <= seedsMax; from += SeedsAtOnce)
        {
            int seeds = Math.Min(SeedsAtOnce, seedsMax - from + 1);
            IReadOnlyList<SimulationViolation> found = SimulationBatch.Run(
                (ulong)from, seeds, seed => SimulationOptions.FromSeed(seed) with { Mistake = mistake }, stopAtFirst: true);
            if (found.Count > 0)
                return found[0];
        }

        return null;
    }
}
