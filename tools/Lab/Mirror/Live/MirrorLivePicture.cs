namespace SafeKit.Lab.Mirror.Live;

/// <summary>What the screen shows at one moment.</summary>
/// <param name="OutageText">The longest time without a commit since the last key, in words.</param>
public sealed record MirrorLivePicture(
    MirrorPicture Mirror, double CommitsPerSecond, long Confirmed, string OutageText, string Selected, IReadOnlyList<string> Events);
