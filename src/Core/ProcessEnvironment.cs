using System.Collections;

namespace SafeKit.Core;

/// <summary>The environment of this process as a dictionary, for macros and scripts.</summary>
public static class ProcessEnvironment
{
    public static IReadOnlyDictionary<string, string> Variables() =>
        Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
}
