namespace SafeKit.Modules;

/// <summary>A <c>&lt;tcp&gt;</c> checker. <see cref="Addr"/> may be a name: it is resolved at every check.</summary>
public sealed record TcpCheckerConfiguration(
    string Ident,
    CheckerWhen When,
    CheckerAction Action,
    string Addr,
    int Port,
    TimeSpan Interval,
    TimeSpan Timeout,
    SourcePlace Place = default)
{
    public string Resource => $"tcp.{Ident}";

    /// <summary>Name of the failover rule that follows from this checker.</summary>
    public string Rule => $"t_{Ident}";
}
