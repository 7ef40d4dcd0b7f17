namespace SafeKit.Core.Control;

/// <summary>The verdict of each node's filter in the kernel for one packet.</summary>
public sealed record TraceAnswer(IReadOnlyList<NodeVerdict> Nodes);
