namespace SafeKit.Mirror.Recording;

/// <summary>What the marks can bring a secondary up to date from.</summary>
/// <param name="Confirmed">The last checkpoint that the secondary is known to have.</param>
/// <param name="Asked">One that it was asked for and may have by now.</param>
/// <param name="GivenUp">Why not everything that changed since <paramref name="Confirmed"/> is marked; null: it is.</param>
/// <param name="GivenUpSinceAsked">The same since <paramref name="Asked"/>.</param>
/// <param name="Files">Files marked.</param>
/// <param name="Directories">Directories marked.</param>
/// <param name="Bytes">Bytes of content marked.</param>
public readonly record struct MarksPosition(
    Checkpoint Confirmed, Checkpoint Asked, string? GivenUp, string? GivenUpSinceAsked, int Files, int Directories, long Bytes);
