namespace SafeKit.Modules;

/// <summary>
/// Collects the findings of one file, in the order of discovery; bounded, so that a hostile file cannot fill
/// memory.
/// </summary>
internal sealed class FindingList(string file)
{
    private const int CountMax = 500;
    private readonly List<Finding> _findings = [];

    public string File { get; } = file;

    public bool HasErrors { get; private set; }

    public void Error(SourcePlace place, string message, string remedy) => Add(Severity.Error, place, message, remedy);

    public void Warning(SourcePlace place, string message, string remedy) => Add(Severity.Warning, place, message, remedy);

    public void Note(SourcePlace place, string message, string remedy) => Add(Severity.Note, place, message, remedy);

    /// <summary>For what concerns the file as a whole.</summary>
    public void Error(string message, string remedy) => Error(new SourcePlace(File, 0, 0), message, remedy);

    public void Add(Severity severity, SourcePlace place, string message, string remedy)
    {
        // The first error is always kept: a refused file must say why, however many warnings come before it.
        var isFirstError = severity == Severity.Error && !HasErrors;
        HasErrors |= severity == Severity.Error;
        if (_findings.Count < CountMax || isFirstError)
            _findings.Add(new Finding(severity, place.File, place.Line, place.Column, message, remedy));
    }

    public IReadOnlyList<Finding> ToList() =>
        [.. _findings.OrderBy(finding => finding.Line).ThenBy(finding => finding.Column)];
}
