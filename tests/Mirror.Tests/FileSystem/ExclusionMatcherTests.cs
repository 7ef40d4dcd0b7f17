using System.Text;
using SafeKit.Core;
using SafeKit.Mirror.FileSystem;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <summary>Which paths are left to each node.</summary>
public class ExclusionMatcherTests
{
    private static ExclusionRule PathRule(string path) => new(path, IsRegularExpression: false, Negated: false);

    private static ExclusionRule Expression(string text, bool negated = false) => new(text, IsRegularExpression: true, negated);

    private static bool Excludes(string path, bool isDirectory, params ExclusionRule[] rules) =>
        new ExclusionMatcher(rules).Excludes(Encoding.UTF8.GetBytes(path), isDirectory);

    [Fact]
    public void WithoutRulesEverythingIsReplicated() => Assert.False(Excludes("a/b", false));

    [Theory]
    [InlineData("tmp", true)]
    [InlineData("tmp/a", true)]
    [InlineData("tmp/a/b", true)]
    [InlineData("tmpx", false)]
    [InlineData("a/tmp", false)]
    public void APathExcludesItselfAndWhatLiesBelow(string path, bool excluded) => Assert.Equal(excluded, Excludes(path, false, PathRule("tmp")));

    [Theory]
    [InlineData("a.log", true)]
    [InlineData("deep/a.log", true)]
    [InlineData("a.log.txt", false)]
    [InlineData("a.log/inner", true)]
    public void AnExpressionIsMatchedAgainstTheWholePath(string path, bool excluded) =>
        Assert.Equal(excluded, Excludes(path, false, Expression(@"\.log$")));

    [Fact]
    public void ALaterRuleTakesBack()
    {
        ExclusionRule[] rules = [Expression(@"\.log$"), Expression(@"important\.log$", negated: true)];
        Assert.True(Excludes("a.log", false, rules));
        Assert.False(Excludes("important.log", false, rules));
    }

    [Fact]
    public void ANegatedFirstRuleReplicatesOnlyWhatMatches()
    {
        ExclusionRule[] rules = [Expression(@"\.db$", negated: true)];
        Assert.False(Excludes("a.db", false, rules));
        Assert.True(Excludes("a.txt", false, rules));
        Assert.False(Excludes("folder", true, rules));
        Assert.False(Excludes("folder/a.db", false, rules));
    }

    [Fact]
    public void ADirectoryAboveARuleIsKnown()
    {
        var matcher = new ExclusionMatcher([PathRule("a/b/tmp")]);
        Assert.True(matcher.HasRuleBelow("a"u8));
        Assert.True(matcher.HasRuleBelow("a/b"u8));
        Assert.False(matcher.HasRuleBelow("a/b/tmp"u8));
        Assert.False(matcher.HasRuleBelow("a/bc"u8));
    }

    [Fact]
    public void AnExpressionThatIsNoneIsRefusedByName()
    {
        var refusal = Assert.Throws<SafeKitException>(() => new ExclusionMatcher([Expression("a(")]));
        Assert.Contains("a(", refusal.Message, StringComparison.Ordinal);
    }
}
