namespace SafeKit.Modules;

/// <summary>
/// Everything that users know in <c>userconfig.xml</c> (reference sections 1.3 to 1.11): what this version serves with its
/// attributes, and what it does not serve yet by name, so that it is reported as such and not as a typing error.
/// </summary>
internal static class UserConfigurationSchema
{
    private const string CheckerRemedy = "nothing is watched by it; use <tcp>, or a script that calls safekit";

    private static readonly ElementSchema _virtualAddress =
        new("virtual_addr", ["addr", "where", "check", "connections", "netmask"]) { Repeats = true };

    private static readonly ElementSchema _interface = new(
        "interface",
        ["name", "check", "arpreroute", "arpinterval", "arpelapse"],
        new ElementSchema("virtual_interface", ["type", "addr"], _virtualAddress) { Repeats = true },
        new ElementSchema("real_interface", [], _virtualAddress) { Repeats = true })
    { Repeats = true };

    private static readonly ElementSchema _group = new(
        "group",
        ["name"],
        new ElementSchema("cluster", [], new ElementSchema("host", ["name", "power"]) { Repeats = true }),
        new ElementSchema("rule", ["virtual_addr", "port", "proto", "filter", "affinity_timeout"]) { Repeats = true })
    { Repeats = true };

    private static readonly ElementSchema _vip = new(
        "vip",
        ["tcpreset", "scriptcontrol", "syncookies"],
        new ElementSchema("interface_list", [], _interface),
        new ElementSchema("loadbalancing_list", [], _group));

    private static readonly ElementSchema _farm = new(
        "farm",
        ["port", "pulse", "mlost_count", "slost_count", "lease", "drain_timeout"],
        new ElementSchema("lan", ["name"], new ElementSchema("node", ["name", "addr"]) { Repeats = true }) { Repeats = true });

    private static readonly ElementSchema _heart = new(
        "heart",
        ["port", "pulse", "timeout", "permanent_arp"],
        new ElementSchema(
            "heartbeat",
            ["name", "ident", "pulse", "timeout"],
            new ElementSchema("server", ["name", "addr"]) { Repeats = true })
        { Repeats = true });

    private static readonly ElementSchema _replicated = new(
        "replicated",
        ["dir", "mode", "wait"],
        new ElementSchema("tocheck", ["path"]) { Repeats = true },
        new ElementSchema("notreplicated", ["path", "regexpath"]) { Repeats = true })
    { Repeats = true };

    private static readonly ElementSchema _rfs = new(
        "rfs",
        ReplicationReader.Attributes,
        _replicated,
        new ElementSchema("flow", ["name"], new ElementSchema("server", ["name", "addr"]) { Repeats = true }));

    private static readonly ElementSchema _user = new(
        "user",
        ["nicestoptimeout", "forcestoptimeout", "logging", "userlogsize"],
        new ElementSchema("var", ["name", "value"]) { Repeats = true });

    private static readonly ElementSchema _tcp = new(
        "tcp",
        ["ident", "when", "action"],
        new ElementSchema("to", ["addr", "port", "interval", "timeout"]))
    { Repeats = true };

    private static readonly ElementSchema _check = new(
        "check",
        [],
        [_tcp, .. new[] { "ping", "intf", "ip", "custom", "module", "splitbrain" }
            .Select(name => NotYet(name, Severity.Warning, CheckerRemedy))]);

    public static readonly ElementSchema Macro = new("macro", ["name", "value"]) { Repeats = true };

    public static readonly ElementSchema Service = new(
        "service",
        ["mode", "boot", "boot_delay", "failover", "defaultprim", "maxloop", "loop_interval", "automatic_reboot"],
        Macro,
        _farm,
        _vip,
        _user,
        _check,
        _heart,
        _rfs,
        NotYet("errd", Severity.Warning, "no process is watched by it; watch the service's port with <check><tcp>"),
        NotYet("vhost", Severity.Warning, "the application sees the server's own name; set another in its own configuration"),
        NotYet("failover", Severity.Warning, "the default rules apply"));

    public static readonly ElementSchema Root = new("safe", [], Macro, Service);

    private static ElementSchema NotYet(string name, Severity severity, string remedy) =>
        new(name, []) { NotYet = severity, Remedy = remedy, Repeats = true };
}
