namespace SafeKit.Membership;

/// <summary>Whether the peer is there.</summary>
public enum HeartContact
{
    /// <summary>Not heard yet, and not long enough to say that it is not there.</summary>
    Unknown = 0,
    Heard = 1,
    Lost = 2,
}
