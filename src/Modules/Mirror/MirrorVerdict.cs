namespace SafeKit.Modules;

/// <summary>What the comparison of both nodes' records says.</summary>
/// <param name="Rule">Why, for the log.</param>
/// <param name="Remedy">What the administrator can type; empty where nothing need be typed.</param>
public sealed record MirrorVerdict(MirrorChoice Choice, string Rule, string Remedy = "");
