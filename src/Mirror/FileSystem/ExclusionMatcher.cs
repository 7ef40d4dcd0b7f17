using System.Text;
using System.Text.RegularExpressions;
using SafeKit.Core;

namespace SafeKit.Mirror.FileSystem;

/// <summary>
/// Which paths of a tree are not replicated. Rules are looked at in their order, the last that matches decides. Where the first rule begins with <c>!</c>, everything
/// but directories is left out unless a rule says otherwise. What lies in a directory that is left out is left out. Pure.
/// </summary>
internal sealed class ExclusionMatcher
{
    private static readonly TimeSpan _limit = TimeSpan.FromMilliseconds(100);

    private readonly Rule[] _rules;

    private sealed record Rule(byte[] Path, Regex? Expression, bool Negated);

    /// <exception cref="SafeKitException">A regular expression is none, or one that cannot be matched in linear time.</exception>
    public ExclusionMatcher(IReadOnlyList<ExclusionRule> rules) => _rules = [.. rules.Select(Compile)];

    public bool IsEmpty => _rules.Length == 0;

    /// <summary>Whether a rule may match below any directory, so that nobody can tell from a directory's path alone.</summary>
    public bool ReachesBelow => _rules.Any(r => r.Expression is not null);

    /// <param name="path">Relative to the tree, without slashes at its ends.</param>
    public bool Excludes(ReadOnlySpan<byte> path, bool isDirectory)
    {
        if (IsEmpty || path.IsEmpty)
            return false;
        for (int i = 0; i < path.Length; i++)
        {
            if (path[i] == (byte)'/' && ExcludesEntry(path[..i], isDirectory: true))
                return true;
        }
        return ExcludesEntry(path, isDirectory);
    }

    /// <summary>Whether a rule names a path below this one.</summary>
    public bool HasRuleBelow(ReadOnlySpan<byte> path)
    {
        foreach (Rule rule in _rules)
        {
            if (rule.Expression is null && rule.Path.Length > path.Length && rule.Path[path.Length] == (byte)'/' && rule.Path.AsSpan().StartsWith(path))
                return true;
        }
        return false;
    }

    private bool ExcludesEntry(ReadOnlySpan<byte> path, bool isDirectory)
    {
        bool excluded = _rules[0].Negated && !isDirectory;
        foreach (Rule rule in _rules)
        {
            if (Matches(rule, path))
                excluded = !rule.Negated;
        }
        return excluded;
    }

    /// <summary>A path that takes too long to match is replicated: too much on the other node is better than too little.</summary>
    private static bool Matches(Rule rule, ReadOnlySpan<byte> path)
    {
        if (rule.Expression is null)
            return path.SequenceEqual(rule.Path);
        try
        {
            return rule.Expression.IsMatch(Encoding.UTF8.GetString(path));
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static Rule Compile(ExclusionRule rule)
    {
        if (!rule.IsRegularExpression)
            return new Rule(Encoding.UTF8.GetBytes(rule.Pattern.Trim('/')), null, rule.Negated);
        try
        {
            return new Rule([], new Regex(rule.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, _limit), rule.Negated);
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            throw new SafeKitException($"the regular expression \"{rule.Pattern}\" of a <notreplicated> cannot be used: {problem.Message}", problem);
        }
    }
}
