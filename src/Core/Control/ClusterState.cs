namespace SafeKit.Core.Control;

/// <summary>Answer of <c>safekit cluster state</c>: every node of <c>cluster.xml</c> as this node sees it.</summary>
public sealed record ClusterState(IReadOnlyList<ClusterNodeState> Nodes);
