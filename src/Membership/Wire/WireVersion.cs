namespace SafeKit.Membership;

/// <summary>First byte of every frame. A node refuses every version it does not know.</summary>
public static class WireVersion
{
    public const byte Current = 2;

    /// <summary>Version, kind, sender, incarnation: how every frame begins.</summary>
    public const int PrefixBytes = 11;
}
