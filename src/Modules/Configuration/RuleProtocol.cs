namespace SafeKit.Modules;

/// <summary>Attribute <c>proto</c> of a load-balancing <c>rule</c>, by IP protocol number.</summary>
public enum RuleProtocol : byte
{
    Tcp = 6,
    Udp = 17,
}
