namespace SafeKit.Lab.Isolation;

/// <summary>How a command ended and what it said.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    public bool Ok => ExitCode == 0;

    /// <summary>Standard output and error in one text, for messages.</summary>
    public string Text => (Output + Errors).Trim();
}
