namespace SafeKit.Modules;

/// <summary>What the machine has to know of a checker: its resource, when it runs, and what follows when it is down.</summary>
public sealed record MirrorChecker(string Resource, string Rule, CheckerWhen When, CheckerAction Action);
