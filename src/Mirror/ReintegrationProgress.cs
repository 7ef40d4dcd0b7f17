namespace SafeKit.Mirror;

/// <summary>How far a reintegration is.</summary>
/// <param name="FilesDone">Files and directories handled.</param>
/// <param name="FilesKnown">How many there are, as far as known; grows during a survey.</param>
/// <param name="BytesCompared">Bytes compared by digest.</param>
/// <param name="BytesCopied">Bytes of content sent.</param>
/// <param name="BytesKnown">Bytes to compare or copy, as far as known.</param>
/// <param name="SecondsLeft">Estimate from the rate so far; null while there is none.</param>
public sealed record ReintegrationProgress(
    ReintegrationKind Kind,
    string Rule,
    long FilesDone,
    long FilesKnown,
    long BytesCompared,
    long BytesCopied,
    long BytesKnown,
    double Seconds,
    double? SecondsLeft);
