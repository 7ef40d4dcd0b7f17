using SafeKit.Core;
using SafeKit.Lab.Isolation;

namespace SafeKit.Lab.Topology;

/// <summary>What a lab consists of.</summary>
public sealed record LabOptions
{
    public const int NodesMax = 8;
    public const int ClientsMax = 8;

    public int Nodes { get; init; } = 3;

    public int Clients { get; init; } = 2;

    /// <summary>on_port spreads connections; on_addr keeps a client on its node.</summary>
    public string Filter { get; init; } = "on_port";

    /// <summary>Extra attributes of the load-balancing rule, such as <c>affinity_timeout="3s"</c>.</summary>
    public string RuleAttributes { get; init; } = "";

    /// <summary>Extra attributes of <c>&lt;vip&gt;</c>, such as <c>syncookies="off"</c>.</summary>
    public string VipAttributes { get; init; } = "";

    /// <summary>vmac_directed with a rule that spreads the entries; otherwise vmac_invisible.</summary>
    public bool Directed { get; init; }

    /// <summary>A second heartbeat network on a switch of its own.</summary>
    public bool SecondLan { get; init; }

    /// <summary>Extra attributes of <c>&lt;farm&gt;</c>, such as <c>pulse="50ms"</c>.</summary>
    public string FarmAttributes { get; init; } = "";

    /// <summary>Called with a node or client whenever it has got its cables and addresses, to make another network of them.</summary>
    public Func<LabSwitch, NamespaceHolder, Task>? ChangeNetwork { get; init; }

    /// <summary>Called whenever the files of a node have been written, to write others.</summary>
    public Action<NodePaths>? ChangeFiles { get; init; }

    /// <summary>Folder with safekitd and safekit; null looks for it.</summary>
    public string? ArtifactsFolder { get; init; }

    /// <summary>Whether the lab runs safekitd at all; a comparison with another product brings its own daemon.</summary>
    public bool WithSafeKit { get; init; } = true;

    public LabOptions Checked()
    {
        if (Nodes is < 2 or > NodesMax)
            throw new LabException($"a lab has 2 to {NodesMax} nodes, not {Nodes}");
        if (Clients is < 1 or > ClientsMax)
            throw new LabException($"a lab has 1 to {ClientsMax} clients, not {Clients}");
        return this;
    }
}
