namespace SafeKit.Modules;

/// <summary>Everything that <c>cluster.xml</c> may hold (reference section 1.12).</summary>
internal static class ClusterSchema
{
    private static readonly ElementSchema _node = new("node", ["name", "addr", "laddr"]) { Repeats = true };

    private static readonly ElementSchema _lan = new("lan", ["name", "command"], _node)
    {
        Repeats = true,
        Obsolete = ["console", "framework", "connect"],
    };

    public static readonly ElementSchema Macro = new("macro", ["name", "value"]) { Repeats = true };

    public static readonly ElementSchema Root =
        new("cluster", [], Macro, new ElementSchema("lans", ["port", "pulse", "mlost_count", "slost_count"], _lan));
}
