namespace SafeKit.Modules;

/// <summary>How a script ended. <see cref="Found"/> is false when there is no such script: most are optional.</summary>
public sealed record ScriptOutcome(
    string Script, bool Found, int ExitCode, bool TimedOut, TimeSpan Duration, string? LogFile, string Problem = "")
{
    public bool Succeeded => !Found || (ExitCode == 0 && !TimedOut);

    public static ScriptOutcome Missing(string script) => new(script, false, 0, false, TimeSpan.Zero, null);
}
