namespace SafeKit.Core.Control;

/// <summary>One node of the cluster and the configuration it runs.</summary>
/// <param name="Reached">Whether it answered; the other fields are empty when it did not.</param>
public sealed record ClusterNodeState(
    string Node,
    bool Reached,
    string ErrorText,
    string ClusterSignature,
    bool SameCluster,
    IReadOnlyList<ModuleState> Modules);
