using System.Text.RegularExpressions;

namespace SafeKit.Modules;

/// <summary>Reads <c>&lt;user&gt;</c> and its variables.</summary>
internal static partial class UserScriptsReader
{
    private const int TimeoutSecondsDefault = 300;
    private const int UserLogSizeKbDefault = 2048;

    public static UserScriptsConfiguration Read(ElementReader user)
    {
        var variables = new Dictionary<string, string>();
        foreach (var element in user.Element.ChildrenNamed("var"))
            ReadVariable(new ElementReader(element, user.Findings), variables);
        return new UserScriptsConfiguration(
            user.Time("nicestoptimeout", TimeUnit.Second, 1) ?? TimeoutSecondsDefault,
            user.Time("forcestoptimeout", TimeUnit.Second, 1) ?? TimeoutSecondsDefault,
            user.Choice("logging", "userlog", "userlog", "none") == "userlog",
            user.Int("userlogsize", 0, int.MaxValue) ?? UserLogSizeKbDefault,
            variables,
            user.Place);
    }

    private static void ReadVariable(ElementReader variable, Dictionary<string, string> variables)
    {
        var name = variable.Required("name");
        if (!variable.Has("value"))
            variable.Findings.Error(variable.Place, "<var> lacks its attribute value", "add value=\"...\"");
        if (name.Length == 0)
            return;
        if (!Name().IsMatch(name))
            variable.Invalid("name", "a variable name has letters, digits and '_' only", "for example SERVICES");
        else if (!variables.TryAdd(name, variable.Text("value")))
            variable.Findings.Error(variable.Place, $"variable {name} is set twice", "keep one of the two");
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Name();
}
