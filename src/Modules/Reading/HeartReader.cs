using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>Reads <c>&lt;heart&gt;</c> with its heartbeats.</summary>
internal static class HeartReader
{
    private const int PulseMsMin = 10;
    private const int PulseMsMax = 60_000;
    private const int TimeoutMsMin = 100;
    private const int TimeoutMsMax = 3_600_000;

    /// <summary>One lost packet is no lost node.</summary>
    private const int PulsesPerTimeoutMin = 3;

    public static HeartConfiguration Read(ElementReader heart)
    {
        if (heart.Has("permanent_arp"))
            heart.NoteNoEffect("permanent_arp");
        var pulseMs = PulseMs(heart) ?? HeartConfiguration.PulseMsDefault;
        var timeoutMs = TimeoutMs(heart) ?? Math.Max(HeartConfiguration.TimeoutMsDefault, PulsesPerTimeoutMin * pulseMs);
        HeartbeatLan[] heartbeats =
        [
            .. heart.Element.ChildrenNamed("heartbeat").Select(item => ReadHeartbeat(new ElementReader(item, heart.Findings), pulseMs, timeoutMs)),
        ];
        if (heartbeats.Length == 0)
            heart.Findings.Error(heart.Place, "<heart> names no heartbeat", "add <heartbeat name=\"...\"/> with a lan of cluster.xml");
        if (heartbeats.Length > Limits.LansMax)
            heart.Findings.Error(
                heart.Place, $"a mirror has at most {Limits.LansMax} heartbeats, here are {heartbeats.Length}", "remove heartbeats");
        foreach (var twice in heartbeats.Where(item => item.Name.Length > 0).GroupBy(item => item.Name).Where(same => same.Count() > 1))
            heart.Findings.Error(twice.Last().Place, $"two heartbeats use the lan {twice.Key}", "keep one of them");
        foreach (var twice in heartbeats.Where(item => item.Ident.Length > 0).GroupBy(item => item.Ident).Where(same => same.Count() > 1))
            heart.Findings.Error(twice.Last().Place, $"two heartbeats have the ident {twice.Key}", "give each its own: it names the resource");
        return new HeartConfiguration(heart.Int("port", 1, ushort.MaxValue), heartbeats, heart.Place);
    }

    private static HeartbeatLan ReadHeartbeat(ElementReader heartbeat, int heartPulseMs, int heartTimeoutMs)
    {
        var pulseMs = PulseMs(heartbeat) ?? heartPulseMs;
        var timeoutMs = TimeoutMs(heartbeat) ?? heartTimeoutMs;
        if (timeoutMs < PulsesPerTimeoutMin * pulseMs)
            heartbeat.Findings.Error(
                heartbeat.PlaceOf("timeout"),
                $"timeout is {timeoutMs} ms and pulse {pulseMs} ms: the loss of one heartbeat would be taken for the loss of the node",
                $"write a timeout of at least {PulsesPerTimeoutMin} pulses");
        if (heartbeat.Element.Child("server") is { } server)
        {
            heartbeat.Findings.Error(
                server.Place,
                "old syntax: <server> names the addresses of a heartbeat",
                "write <heartbeat name=\"...\"/> with the lan's name in cluster.xml");
            return new HeartbeatLan(heartbeat.Text("name"), heartbeat.Text("ident"), pulseMs, timeoutMs, heartbeat.Place);
        }

        var name = heartbeat.Required("name");
        return new HeartbeatLan(name, heartbeat.Has("ident") ? heartbeat.Required("ident") : name, pulseMs, timeoutMs, heartbeat.Place);
    }

    private static int? PulseMs(ElementReader element) => element.Time("pulse", TimeUnit.Millisecond, PulseMsMin, PulseMsMax);

    private static int? TimeoutMs(ElementReader element) => element.Time("timeout", TimeUnit.Millisecond, TimeoutMsMin, TimeoutMsMax);
}
