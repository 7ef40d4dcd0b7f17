namespace SafeKit.Core.Control;

/// <summary>What one node's filter does with the traced packet.</summary>
/// <param name="Verdict">taken, dropped, passed, or unreachable when the node did not answer.</param>
/// <param name="Bucket">-1 where no rule matched or the node did not answer.</param>
/// <param name="Owner">Name of the bucket's owner in that node's view; empty when unknown.</param>
public sealed record NodeVerdict(
    string Node,
    string Module,
    string Group,
    int Bucket,
    string Owner,
    string Verdict,
    string Reason);
