using System.Text.RegularExpressions;

namespace SafeKit.Modules;

/// <summary>Reads the checkers of <c>&lt;check&gt;</c> that this version serves.</summary>
internal static partial class CheckersReader
{
    private const int IntervalSecondsDefault = 10;
    private const int TimeoutSecondsDefault = 5;

    public static CheckersConfiguration Read(ConfigElement? check, ServiceMode mode, FindingList findings)
    {
        var tcp = new List<TcpCheckerConfiguration>();
        foreach (var element in check?.ChildrenNamed("tcp") ?? [])
        {
            if (ReadTcp(new ElementReader(element, findings), mode) is not { } checker)
                continue;
            if (tcp.Exists(known => known.Ident == checker.Ident))
                findings.Error(
                    element.Place,
                    $"two tcp checkers have the ident {checker.Ident}",
                    "give each its own: it names the resource");
            else
                tcp.Add(checker);
        }

        return new CheckersConfiguration(tcp);
    }

    private static TcpCheckerConfiguration? ReadTcp(ElementReader tcp, ServiceMode mode)
    {
        var ident = tcp.Required("ident");
        if (ident.Length > 0 && !Ident().IsMatch(ident))
            tcp.Invalid(
                "ident",
                "an ident has letters, digits, '_', '-', '.' and ':' only",
                "for example ident=\"web\"");
        var when = ReadWhen(tcp, mode);
        var action = ReadAction(tcp, when);
        if (tcp.Element.Child("to") is not { } element)
        {
            tcp.Findings.Error(tcp.Place, "<tcp> holds no <to>", "add <to addr=\"127.0.0.1\" port=\"80\"/>");
            return null;
        }

        var to = new ElementReader(element, tcp.Findings);
        var addr = AddressResolver.ReadUnresolved(to, "addr");
        if (to.Required("port").Length == 0 || to.Int("port", 1, ushort.MaxValue) is not { } port)
            return null;
        return new TcpCheckerConfiguration(
            ident,
            when,
            action,
            addr,
            port,
            TimeSpan.FromSeconds(to.Time("interval", TimeUnit.Second, 1) ?? IntervalSecondsDefault),
            TimeSpan.FromSeconds(to.Time("timeout", TimeUnit.Second, 1) ?? TimeoutSecondsDefault),
            tcp.Place);
    }

    private static CheckerWhen ReadWhen(ElementReader tcp, ServiceMode mode)
    {
        var when = tcp.Choice("when", "both", "prim", "second", "both", "pre") switch
        {
            "prim" => CheckerWhen.Prim,
            "second" => CheckerWhen.Second,
            "pre" => CheckerWhen.Pre,
            _ => CheckerWhen.Both,
        };
        if (when == CheckerWhen.Second && mode != ServiceMode.Mirror)
            tcp.Findings.Warning(
                tcp.PlaceOf("when"),
                "a farm or light module has no secondary: this checker never runs",
                "write when=\"both\"");
        return when;
    }

    private static CheckerAction ReadAction(ElementReader tcp, CheckerWhen when)
    {
        var isPre = when == CheckerWhen.Pre;
        string[] words = isPre ? ["wait", "noaction"] : ["stop", "stopstart", "restart", "noaction"];
        return tcp.Choice("action", isPre ? "wait" : "restart", words) switch
        {
            "wait" => CheckerAction.Wait,
            "noaction" => CheckerAction.NoAction,
            "stop" => CheckerAction.Stop,
            "stopstart" => CheckerAction.StopStart,
            _ => CheckerAction.Restart,
        };
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.:\-]{1,64}\z")]
    private static partial Regex Ident();
}
