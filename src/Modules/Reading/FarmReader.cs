using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>Reads <c>&lt;farm&gt;</c> with its lans, in the present and in the old syntax.</summary>
internal static class FarmReader
{
    /// <summary>A stop that takes longer than an hour is one that somebody has forgotten.</summary>
    private const int DrainTimeoutMaxS = 3600;

    public static FarmConfiguration Read(ElementReader farm, AddressResolver resolver)
    {
        FarmLan[] lans =
        [
            .. farm.Element.ChildrenNamed("lan").Select(lan => ReadLan(new ElementReader(lan, farm.Findings), resolver)),
        ];
        if (lans.Length == 0)
            farm.Findings.Error(farm.Place, "<farm> names no lan", "add <lan name=\"...\"/> with a lan of cluster.xml");
        if (lans.Length > Limits.LansMax)
            farm.Findings.Error(
                farm.Place,
                $"a farm has at most {Limits.LansMax} lans, here are {lans.Length}",
                "remove lans");
        foreach (var twice in lans.Where(lan => lan.Name.Length > 0).GroupBy(lan => lan.Name).Where(group => group.Count() > 1))
            farm.Findings.Warning(twice.Last().Place, $"lan {twice.Key} is named twice", "keep one of them");
        var pulseMs = HeartbeatReader.PulseMs(farm);
        var mlostCount = HeartbeatReader.MlostCount(farm);
        var slostCount = HeartbeatReader.SlostCount(farm);
        var leaseMs = HeartbeatReader.LeaseMs(farm, pulseMs, mlostCount, slostCount);
        return new FarmConfiguration(farm.Int("port", 1, ushort.MaxValue), pulseMs, mlostCount, slostCount, leaseMs, lans, farm.Place)
        {
            DrainTimeout = farm.Time("drain_timeout", TimeUnit.Second, 0, DrainTimeoutMaxS) is { } seconds
                ? TimeSpan.FromSeconds(seconds)
                : FarmConfiguration.DrainTimeoutDefault,
        };
    }

    private static FarmLan ReadLan(ElementReader lan, AddressResolver resolver)
    {
        var nodes = new List<ClusterNodeAddress>();
        foreach (var element in lan.Element.ChildrenNamed("node"))
        {
            if (ClusterConfigurationReader.ReadNode(new ElementReader(element, lan.Findings), resolver) is { } node)
                nodes.Add(node);
        }

        if (lan.Has("name"))
            return new FarmLan(lan.Required("name"), nodes, lan.Place);
        if (lan.Element.Child("node") is null)
            lan.Required("name");
        else
            lan.Findings.Note(
                lan.Place,
                "old syntax: the lan is found by the addresses of its nodes",
                "write <lan name=\"...\"/> with the lan's name in cluster.xml");
        return new FarmLan("", nodes, lan.Place);
    }
}
