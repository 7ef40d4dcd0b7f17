namespace SafeKit.Modules;

/// <summary>What the present transition leads to; a higher one overrides a lower one.</summary>
internal enum MirrorIntent
{
    None = 0,
    Restart = 1,

    /// <summary>From primary to secondary: an exchange of roles, or the end of a split.</summary>
    Demote = 2,

    /// <summary>Stop the application, then wait until what is missing is back.</summary>
    StopWait = 3,
    StopStart = 4,
    Stop = 5,
}
