namespace SafeKit.Simulation;

/// <summary>SplitMix64: a generator of our own, so that a seed means the same run on every version of the runtime.</summary>
public sealed class SimulationRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From included, to excluded.</summary>
    public int Range(int from, int to) => from + (int)(Next() % (ulong)(to - from));

    public long Range(long from, long to) => to <= from ? from : from + (long)(Next() % (ulong)(to - from));

    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Range(0, choices.Length)];
}
