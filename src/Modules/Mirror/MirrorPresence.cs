namespace SafeKit.Modules;

/// <summary>Whether the other node's heartbeats arrive, on whichever network.</summary>
public enum MirrorPresence
{
    /// <summary>Not heard yet, and not listened for long enough to say that it is not there.</summary>
    Unknown = 0,

    Heard = 1,

    /// <summary>Nothing was heard on any network for the whole <c>timeout</c>.</summary>
    Lost = 2,
}
