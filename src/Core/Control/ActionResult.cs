namespace SafeKit.Core.Control;

/// <summary>Answer of every command: whether it was accepted, and one sentence that says what happened or what to do.</summary>
public sealed record ActionResult(bool Ok, string Message);
