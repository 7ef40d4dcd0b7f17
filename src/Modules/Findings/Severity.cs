namespace SafeKit.Modules;

/// <summary>How much a <see cref="Finding"/> matters.</summary>
public enum Severity
{
    /// <summary>The configuration cannot be applied.</summary>
    Error = 0,

    /// <summary>It can be applied, but does not do everything that is written in it.</summary>
    Warning = 1,

    /// <summary>Worth knowing; nothing to repair.</summary>
    Note = 2,
}
