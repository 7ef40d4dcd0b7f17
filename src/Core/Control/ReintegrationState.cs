namespace SafeKit.Core.Control;

/// <summary>How far the reintegration of a returning node is.</summary>
/// <param name="Kind">none, changes, survey or full.</param>
/// <param name="Rule">Why this kind.</param>
/// <param name="FilesKnown">As far as known; grows during a survey.</param>
/// <param name="SecondsLeft">Null while there is no estimate.</param>
public sealed record ReintegrationState(
    string Kind,
    string Rule,
    long FilesDone,
    long FilesKnown,
    long BytesCompared,
    long BytesCopied,
    long BytesKnown,
    double Seconds,
    double? SecondsLeft);
