namespace SafeKit.Modules;

/// <summary>Attribute <c>boot</c> of <c>service</c>: what happens to the module when the server boots.</summary>
public enum BootMode
{
    /// <summary>Governed by <c>safekit boot</c>, not by the file.</summary>
    Ignore = 0,
    On = 1,
    Off = 2,

    /// <summary>Started if it ran before.</summary>
    Auto = 3,
}
