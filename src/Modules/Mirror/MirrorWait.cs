namespace SafeKit.Modules;

/// <summary>What a transition waits for, beside a script.</summary>
internal enum MirrorWait
{
    None = 0,

    /// <summary>Every checker that guards the start is up.</summary>
    Resources = 1,

    /// <summary>Leading or following is decided.</summary>
    Role = 2,
    DataLeading = 3,
    Promoted = 4,
    DataStopped = 5,
    AddressSet = 6,
    AddressRemoved = 7,
}
