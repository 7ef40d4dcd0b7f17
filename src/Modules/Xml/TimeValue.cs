using System.Globalization;

namespace SafeKit.Modules;

/// <summary>
/// Time values <c>N[unit]</c> (reference section 1.2): a bare number is in the attribute's own unit, and a value
/// that is no whole number of that unit is an error instead of being rounded.
/// </summary>
internal static class TimeValue
{
    private static readonly Dictionary<string, TimeUnit> _units = new()
    {
        ["d"] = TimeUnit.Day,
        ["h"] = TimeUnit.Hour,
        ["m"] = TimeUnit.Minute,
        ["s"] = TimeUnit.Second,
        ["ms"] = TimeUnit.Millisecond,
        ["us"] = TimeUnit.Microsecond,
    };

    public static string NameOf(TimeUnit unit) => _units.First(pair => pair.Value == unit).Key;

    /// <returns>The value in <paramref name="own"/> units, or null with the reason and, where there is a good one, a remedy.</returns>
    public static int? Parse(string text, TimeUnit own, out string reason, out string? remedy)
    {
        reason = "";
        remedy = null;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : text.Length;
        var suffix = text[digits..];
        var unit = own;
        if (digits == 0 || (suffix.Length > 0 && !_units.TryGetValue(suffix, out unit)))
        {
            reason = $"expected a whole number, alone or with a time unit ({string.Join(", ", _units.Keys)})";
            return null;
        }

        // Digits that fit into no number are a time like any other, only too long.
        var fits = long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var microseconds = (Int128)number * (long)unit;
        if (!fits || microseconds > (Int128)LongestTime.Days * (long)TimeUnit.Day || microseconds / (long)own > int.MaxValue)
        {
            reason = $"a time is at most {LongestTime.Days} days";
            remedy = $"write {LongestTime.Days}d or less";
            return null;
        }

        var isZeroInOtherUnit = number == 0 && unit != own;
        if (isZeroInOtherUnit || microseconds % (long)own != 0)
        {
            reason = $"expected time unit {NameOf(own)}, or a value that is a whole number of it";
            return null;
        }

        return (int)(microseconds / (long)own);
    }
}
