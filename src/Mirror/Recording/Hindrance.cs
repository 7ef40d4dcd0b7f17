namespace SafeKit.Mirror.Recording;

/// <summary>Why a request may not enter now, although the gate is open.</summary>
[Flags]
internal enum Hindrance
{
    None = 0,

    WindowFull = 1,

    /// <summary>The next change is the first one without the other node: a new chapter must be on disk before it.</summary>
    ChapterPending = 2,
}
