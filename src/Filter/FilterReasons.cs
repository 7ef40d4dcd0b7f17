using System.Text;

namespace SafeKit.Filter;

/// <summary>Names and verdicts of the reasons.</summary>
public static class FilterReasons
{
    private const byte FirstDrop = 5;
    private const byte FirstForward = 28;

    private static readonly FilterReason[] _all = Enum.GetValues<FilterReason>();
    private static readonly Dictionary<FilterReason, string> _names = _all.ToDictionary(reason => reason, SnakeCase);

    public static IReadOnlyList<FilterReason> All => _all;

    /// <summary>The name in counters, metrics and on the console: <c>lease_expired</c>.</summary>
    public static string Name(this FilterReason reason) => _names[reason];

    public static FilterVerdict Verdict(this FilterReason reason) => reason switch
    {
        FilterReason.Other => FilterVerdict.Pass,
        FilterReason.NeighbourQuery or FilterReason.CookieSent => FilterVerdict.Answer,
        < (FilterReason)FirstDrop => FilterVerdict.Take,
        >= (FilterReason)FirstForward => FilterVerdict.Forward,
        _ => FilterVerdict.Drop,
    };

    private static string SnakeCase(FilterReason reason)
    {
        var text = new StringBuilder();
        foreach (char letter in reason.ToString())
        {
            if (char.IsUpper(letter) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }
        return text.ToString();
    }
}
