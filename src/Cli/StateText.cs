using System.Globalization;
using SafeKit.Core.Control;

namespace SafeKit.Cli;

/// <summary>The state of a node in words and columns.</summary>
public static class StateText
{
    public static void Print(NodeState node, bool verbose)
    {
        if (node.Problem is { } problem)
            Console.WriteLine($"{node.Node}: {problem}\n");
        Output.Table(
            ["MODULE", "MODE", "STATE", "STATUS", "SHARE/DATA", "RULE"],
            node.Modules.Select(m => (IReadOnlyList<string>)[m.Module, m.Mode, m.State, m.Status, Second(m), m.Rule]));
        foreach (var module in node.Modules)
        {
            if (module.ErrorText is { } error)
                Console.WriteLine($"\n{module.Module}: {error}");
            if (module.Mirror is { Remedy.Length: > 0 } waiting)
                Console.WriteLine($"\n{module.Module}: {waiting.Remedy}");
            if (verbose)
                Details(module);
        }

        if (verbose)
            Filter(node.Filter);
    }

    /// <summary>The second display field: a farm's share, a mirror's data (reference section 2.1).</summary>
    private static string Second(ModuleState module) =>
        module.Mirror is { Data.Length: > 0 } mirror ? mirror.Data
            : module.Drain is { Done: true } ? "drained"
            : module.Drain is { } drain ? $"draining ({drain.Connections?.ToString(CultureInfo.InvariantCulture) ?? "?"} left)"
            : module.Closed is { } closed ? $"closed by script ({closed.Connections?.ToString(CultureInfo.InvariantCulture) ?? "?"} left)"
            : module.Shares.Count == 0 ? "-"
            : string.Join(" ", module.Shares.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Group}={s.Percent:0.0}%")));

    private static void Details(ModuleState module)
    {
        Console.WriteLine($"\n{module.Module} (id {module.Id}, configuration {module.ConfigurationSignature})");
        foreach (var resource in module.Resources)
            Console.WriteLine($"  resource {resource.Name} = {resource.Value} since {resource.Since:yyyy-MM-dd HH:mm:ss}  {resource.Reason}");
        foreach (var share in module.Shares)
            Console.WriteLine($"  farm load: {share.Buckets}/{share.BucketsOfGroup} (group {share.Group})");
        if (module.Mirror is { } mirror)
            MirrorText.Print(mirror);
        if (module.Membership is not { } membership)
            return;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  view {membership.View} leader {membership.Leader} lease {membership.LeaseMs:0} of {membership.LeaseLengthMs:0} ms")
            + string.Create(CultureInfo.InvariantCulture, $", a restart may take {membership.AbsenceMs:0} ms"));
        Console.WriteLine($"  last decision: {membership.LastRule}");
        foreach (var member in membership.Nodes)
            Console.WriteLine("  " + Member(member));
    }

    private static string Member(MemberState member)
    {
        var heard = member.HeardAgoMs is { } ms
            ? string.Create(CultureInfo.InvariantCulture, $"heard {ms:0} ms ago")
            : "never heard";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"node {member.Node}: {(member.Member ? "member" : "not a member")}, "
                + $"{(member.Serving ? "serving" : "not serving")}, {member.Percent:0.0}%, {heard}");
    }

    private static void Filter(FilterState filter)
    {
        Console.WriteLine();
        foreach (var i in filter.Interfaces)
            Console.WriteLine($"filter on {i.Interface}: {i.Mode} ({i.Reason}) for {string.Join(", ", i.Addresses)}");
        foreach (var (name, packets) in filter.Counters.Where(c => c.Value > 0))
            Console.WriteLine($"  {name} {packets}");
    }
}
