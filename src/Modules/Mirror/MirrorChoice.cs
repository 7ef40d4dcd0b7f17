namespace SafeKit.Modules;

/// <summary>What a node may do with its data.</summary>
public enum MirrorChoice
{
    /// <summary>Neither lead nor follow: ask again when something has changed.</summary>
    Wait = 0,
    Lead = 1,
    Follow = 2,
}
