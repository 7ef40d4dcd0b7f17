namespace SafeKit.Modules;

/// <summary>What a reader made of a file. <see cref="Value"/> is null when the file holds an error.</summary>
public sealed record ConfigurationResult<T>(T? Value, IReadOnlyList<Finding> Findings)
    where T : class
{
    public bool Ok => Value is not null;

    public IEnumerable<Finding> Errors => Findings.Where(finding => finding.Severity == Severity.Error);
}
