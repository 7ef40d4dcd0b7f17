namespace SafeKit.Mirror.Generations;

/// <summary>The other node, as its heartbeats show it.</summary>
/// <param name="Record">Null where it was not heard, or did not say.</param>
public sealed record PeerSight(string Name, PeerActivity Activity, GenerationRecord? Record)
{
    public bool Leads => Activity is PeerActivity.Alone or PeerActivity.Prim;
}
