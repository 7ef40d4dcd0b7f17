namespace SafeKit.Modules;

/// <summary>What the present transition leads to; a higher one overrides a lower one.</summary>
internal enum ModuleIntent
{
    None = 0,
    Restart = 1,

    /// <summary>Stop the application, then wait until what is missing is back.</summary>
    StopWait = 2,
    StopStart = 3,
    Stop = 4,
}
