namespace SafeKit.Modules;

/// <summary>A network that nodes share; modules name it in <c>&lt;farm&gt;&lt;lan name="..."/&gt;</c>.</summary>
public sealed record ClusterLan(string Name, bool Command, IReadOnlyList<ClusterNodeAddress> Nodes, SourcePlace Place = default)
{
    public ClusterNodeAddress? Node(string name) => Nodes.FirstOrDefault(node => node.Name == name);
}
