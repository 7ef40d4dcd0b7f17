namespace SafeKit.SystemTests.Mirror.Promises;

/// <summary>A call of the self-checking application.</summary>
/// <param name="Name">As promise.c names it.</param>
/// <param name="PromisedBy">The weakest <c>wait</c> with which it waits for the other node.</param>
internal sealed record PromisedCall(string Name, string PromisedBy);
