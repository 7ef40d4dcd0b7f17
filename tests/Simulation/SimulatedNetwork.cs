namespace SafeKit.Simulation;

/// <summary>Every lan between every two nodes, each direction on its own; loses, doubles, delays and overtakes.</summary>
public sealed class SimulatedNetwork
{
    private readonly bool[,,] _cut;
    private readonly long[,] _connectedSinceNs;
    private readonly int _lans;
    private readonly int _nodes;

    public SimulatedNetwork(int lans, int nodes)
    {
        _lans = lans;
        _nodes = nodes;
        _cut = new bool[lans, nodes, nodes];
        _connectedSinceNs = new long[nodes, nodes];
    }

    /// <summary>Present loss; a run may turn it up for a while.</summary>
    public double LossRate { get; set; }

    public bool IsCut(int lan, int from, int to) => _cut[lan, from, to];

    public void SetCut(int lan, int from, int to, bool cut, long nowNs)
    {
        _cut[lan, from, to] = cut;
        for (int a = 0; a < _nodes; a++)
        {
            for (int b = 0; b < _nodes; b++)
            {
                bool both = Reaches(a, b) && Reaches(b, a);
                if (!both)
                    _connectedSinceNs[a, b] = long.MaxValue;
                else if (_connectedSinceNs[a, b] == long.MaxValue)
                    _connectedSinceNs[a, b] = nowNs;
            }
        }
    }

    public void Heal(long nowNs)
    {
        for (int lan = 0; lan < _lans; lan++)
        {
            for (int a = 0; a < _nodes; a++)
            {
                for (int b = 0; b < _nodes; b++)
                {
                    if (_cut[lan, a, b])
                        SetCut(lan, a, b, false, nowNs);
                }
            }
        }
    }

    public bool Reaches(int from, int to)
    {
        for (int lan = 0; lan < _lans; lan++)
        {
            if (!_cut[lan, from, to])
                return true;
        }

        return false;
    }

    /// <summary>Since when the two can talk in both directions; never, if they cannot.</summary>
    public long ConnectedSinceNs(int a, int b) => _connectedSinceNs[a, b];
}
