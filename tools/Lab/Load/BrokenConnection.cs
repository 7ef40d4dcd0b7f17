namespace SafeKit.Lab.Load;

/// <summary>How a long connection ended.</summary>
/// <param name="Client">The client's end.</param>
/// <param name="Node">Who served it.</param>
/// <param name="Text">What the client was told.</param>
/// <param name="Hung">Nothing: it waited in vain.</param>
/// <param name="AskedNs">When it was asked last, on the monotonic clock.</param>
/// <param name="AtNs">When it ended.</param>
public sealed record BrokenConnection(string Client, string Node, string Text, bool Hung, long AskedNs, long AtNs);
