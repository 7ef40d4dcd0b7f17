namespace SafeKit.Mirror.Generations;

/// <summary>What is known of the other node's module when this one starts.</summary>
public enum PeerActivity
{
    /// <summary>Nothing was heard within the start wait.</summary>
    Silent = 0,

    Stop = 1,
    Wait = 2,
    Alone = 3,
    Prim = 4,
    Second = 5,
}
