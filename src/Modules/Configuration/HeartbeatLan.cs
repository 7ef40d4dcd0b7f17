namespace SafeKit.Modules;

/// <summary>One <c>&lt;heartbeat&gt;</c>: a lan of <c>cluster.xml</c> on which the two nodes of a mirror hear each other.</summary>
/// <param name="Ident">Resource <c>heartbeat.IDENT</c>; <c>flow</c>: the replication uses this network.</param>
public sealed record HeartbeatLan(string Name, string Ident, int PulseMs, int TimeoutMs, SourcePlace Place = default)
{
    public const string Flow = "flow";

    public string Resource => $"heartbeat.{Ident}";
}
