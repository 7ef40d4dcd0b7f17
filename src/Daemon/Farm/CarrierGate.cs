namespace SafeKit.Daemon.Farm;

/// <summary>
/// Rule no-carrier: a node whose cable is out serves nobody, so it must not take packets either: at the instant the cable is
/// back it would answer beside the others, until it hears them. Pure: time and cable come from outside.
/// </summary>
public sealed class CarrierGate
{
    /// <summary>How long after its return a cable must hold: switches begin to forward late, and the others must be heard first.</summary>
    public const int HoldMs = 500;

    private long _upSinceMs = long.MinValue;
    private bool _lost;

    /// <summary>Whether this node may take its share.</summary>
    public bool Open { get; private set; } = true;

    /// <returns>True when <see cref="Open"/> has changed.</returns>
    public bool Observe(bool carrier, long nowMs)
    {
        if (carrier && _lost)
            _upSinceMs = nowMs;
        _lost = !carrier;
        var open = carrier && (_upSinceMs == long.MinValue || nowMs - _upSinceMs >= HoldMs);
        var changed = open != Open;
        Open = open;
        return changed;
    }
}
