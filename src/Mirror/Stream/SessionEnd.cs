namespace SafeKit.Mirror.Stream;

/// <summary>Why a connection of the secondary ended. Everything received before is applied, unless applying failed.</summary>
internal enum SessionEnd
{
    /// <summary>The connection broke, or the primary fell silent, or said what makes no sense.</summary>
    Lost,

    /// <summary>The primary said goodbye.</summary>
    PrimaryLeft,

    /// <summary>This node wanted it: an order, or the data was declared outdated.</summary>
    Wanted,

    /// <summary>An operation could not be applied.</summary>
    ApplyFailed,
}
