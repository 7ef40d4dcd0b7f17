namespace SafeKit.Modules;

/// <summary>What <c>&lt;user&gt;</c> says: without the element, scripts are not run.</summary>
public sealed record UserScriptsConfiguration(
    int NiceStopTimeoutSeconds,
    int ForceStopTimeoutSeconds,
    bool Logging,
    int UserLogSizeKb,
    IReadOnlyDictionary<string, string> Variables,
    SourcePlace Place = default);
