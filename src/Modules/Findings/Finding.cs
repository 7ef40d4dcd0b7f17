namespace SafeKit.Modules;

/// <summary>
/// Something that an administrator should know about a configuration file: the place, what is wrong, the remedy.
/// </summary>
public sealed record Finding(Severity Severity, string File, int Line, int Column, string Message, string Remedy)
{
    /// <summary><c>file:line:column: error: message; remedy</c>, the form that editors can jump to.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? $"{File}:{Line}:{Column}" : File;
        var severity = Severity.ToString().ToLowerInvariant();
        return Remedy.Length > 0 ? $"{place}: {severity}: {Message}; {Remedy}" : $"{place}: {severity}: {Message}";
    }
}
