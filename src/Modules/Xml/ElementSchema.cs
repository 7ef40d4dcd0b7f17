namespace SafeKit.Modules;

/// <summary>
/// What may stand in an element. An element with <see cref="NotYet"/> is known, reported, and not looked into.
/// </summary>
internal sealed record ElementSchema(string Name, string[] Attributes, params ElementSchema[] Children)
{
    /// <summary>May the parent hold more than one?</summary>
    public bool Repeats { get; init; }

    /// <summary>Severity with which a known element that this version does not serve is reported.</summary>
    public Severity? NotYet { get; init; }

    /// <summary>What to do about it meanwhile.</summary>
    public string Remedy { get; init; } = "";

    /// <summary>Old attributes that are accepted and have no effect.</summary>
    public string[] Obsolete { get; init; } = [];
}
