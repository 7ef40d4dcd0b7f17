namespace SafeKit.Core.Control;

/// <summary>Whether a mode works, and why that is said.</summary>
/// <param name="Mode">vmac_invisible or vmac_directed.</param>
/// <param name="Verdict"><see cref="Works"/>, <see cref="Fails"/> or <see cref="NotKnown"/>.</param>
/// <param name="Reason">What was seen, and what to do about it.</param>
/// <param name="Rule">Which rule decided.</param>
public sealed record VipTestVerdict(string Mode, string Verdict, string Reason, string Rule)
{
    public const string Works = "works";
    public const string Fails = "does not work";
    public const string NotKnown = "not known";
}
