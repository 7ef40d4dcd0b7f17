using System.Text.RegularExpressions;
using SafeKit.Core;
using SafeKit.Modules;

namespace SafeKit.Modules.Tests;

/// <summary>What a document may look like, and what it must not be able to do.</summary>
public sealed class DocumentTests
{
    [Theory]
    [InlineData("<safe>\n  <service mode=\"farm\">\n  </vip>\n</safe>", 3, 5, "does not match the end tag")]
    [InlineData("<safe>\n<service mode=farm/></safe>", 2, 15, "unexpected token")]
    [InlineData("<safe>\n<service mode=\"farm\"", 2, 21, "Unexpected end of file")]
    [InlineData("<safe><service mode=\"light\" mode=\"farm\"/></safe>", 1, 29, "duplicate attribute")]
    [InlineData("<safe>\n&bomb;</safe>", 2, 2, "undeclared entity")]
    [InlineData("", 0, 0, "holds no <safe>")]
    [InlineData("<saef/>", 1, 1, "<saef> cannot stand")]
    [InlineData("<safe><service mode=\"light\"/></safe>\n<safe/>", 2, 1, "<safe> appears twice")]
    [InlineData("hello", 1, 1, "text outside")]
    public void BrokenXmlNamesItsPlace(string text, int line, int column, string message)
    {
        var error = Samples.ReadUser(text).Errors.First();
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain(" Line ", error.Message);
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.NotEqual("", error.Remedy);
    }

    [Theory]
    [InlineData("<!-- first --><?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE safe>\n<safe><service mode=\"light\" bot=\"on\"/></safe>", 3, 29)]
    [InlineData("<!-- <!DOCTYPE x [ --><safe>\r\n<!DOCTYPE safe>  <service bot=\"on\" mode=\"light\"/></safe>", 2, 27)]
    [InlineData("<macro name=\"a\" value=\"b\"/>\n<safe><service\n  mode=\"light\"\n  bot=\"on\"/></safe>", 4, 3)]
    public void PositionsStayTrueAroundPrologs(string text, int line, int column)
    {
        var finding = Assert.Single(Samples.ReadUser(text).Findings);
        Assert.Equal((Severity.Warning, line, column), (finding.Severity, finding.Line, finding.Column));
        Assert.Equal("did you mean boot?", finding.Remedy);
    }

    [Theory]
    [InlineData("<!DOCTYPE safe [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><safe>&x;</safe>")]
    [InlineData("<!DOCTYPE safe [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><safe>&b;</safe>")]
    [InlineData("<safe><!doctype x [ ]></safe>")]
    [InlineData("<!DOCTYPE safe [")]
    public void EntitiesAreRefused(string text)
    {
        var error = Samples.Error(Samples.ReadUser(text).Findings);
        Assert.Contains("is refused", error.Message);
    }

    [Fact]
    public void AnExternalDocumentTypeIsNeverFetched()
    {
        var result = Samples.ReadUser("<!DOCTYPE safe SYSTEM \"http://192.0.2.1/safe.dtd\"><safe><service mode=\"light\"/></safe>");
        Assert.True(result.Ok);
        Assert.Contains("ignored", Assert.Single(result.Findings).Message);
    }

    [Fact]
    public void MacrosCannotExplode()
    {
        var text = "<macro name=\"m0\" value=\"0123456789\"/>" + string.Concat(Enumerable.Range(1, 30).Select(
            i => $"<macro name=\"m{i}\" value=\"%m{i - 1}%%m{i - 1}%%m{i - 1}%%m{i - 1}%\"/>"));
        Assert.Contains(Samples.ReadUser(text + "<safe/>").Errors, error => error.Message.Contains("too long"));
    }

    [Fact]
    public void MacrosWinOverTheEnvironment()
    {
        var environment = new Dictionary<string, string> { ["VIP"] = "10.9.9.9", ["WEB"] = "8080" };
        var result = Samples.ReadUser(Samples.Farm.Replace("value=\"nginx\"", "value=\"%VIP%:%WEB%:%NONE%\""), environment);
        Assert.Equal("10.0.0.50:8080:%NONE%", Samples.Value(result).User!.Variables["SERVICES"]);
        Assert.Contains("%NONE%", Assert.Single(result.Findings).Message);
        Assert.Equal("80", result.Value!.Macros["PORT"]);
    }

    [Fact]
    public void AMacroHoldsFromItsDefinitionOn()
    {
        var result = Samples.ReadUser("<safe><service mode=\"%M%\"/><macro name=\"M\" value=\"light\"/></safe>");
        Assert.Contains(result.Errors, error => error.Message.Contains("\"%M%\""));
    }

    [Theory]
    [InlineData("<to addr", "<too addr", "did you mean to?")]
    [InlineData("<virtual_addr addr", "<virtual_adr addr", "did you mean virtual_addr?")]
    [InlineData("<check>", "<xyzzy/><check>", "known elements are")]
    [InlineData("<vip>", "<vip tcp_reset=\"on\">", "did you mean tcpreset?")]
    [InlineData("ident=", "idnet=", "did you mean ident?")]
    public void TheNearestNameIsSuggested(string old, string replacement, string remedy) =>
        Assert.Contains(Samples.FarmWith(old, replacement).Findings, finding => finding.Remedy.StartsWith(remedy, StringComparison.Ordinal));

    [Fact]
    public void AnErrorBehindManyWarningsIsStillTold()
    {
        var text = "<safe>" + string.Concat(Enumerable.Repeat("<x/>", 5000)) + "<service mode=\"mirrow\"/></safe>";
        var result = Samples.ReadUser(text);
        Assert.False(result.Ok);
        Assert.Contains("mirror", Assert.Single(result.Errors).Message);
        Assert.True(result.Findings.Count < 1000);
    }

    [Fact]
    public void FilesAreReadWithinLimits()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("userconfig.xml", new string(' ', Limits.ConfigurationBytesMax) + "<safe/>");
        Assert.Contains("larger than", Samples.Error(UserConfigurationReader.Read(file, Samples.NoEnvironment).Findings).Message);
        Assert.Contains("does not exist", Samples.Error(ClusterConfigurationReader.Read(folder.Path + "/none.xml").Findings).Message);
        Assert.Contains("directory", Samples.Error(ClusterConfigurationReader.Read(folder.Path).Findings).Message);
        File.WriteAllBytes(file, [.. "<safe>\n  "u8, 0xE9, .. "</safe>"u8]);
        var error = Samples.Error(UserConfigurationReader.Read(file, Samples.NoEnvironment).Findings);
        Assert.Equal((2, 3), (error.Line, error.Column));
        File.WriteAllBytes(file, [.. "<?xml version='1.0' encoding='ISO-8859-1'?><!-- "u8, 0xE9, .. " --><safe><service mode='light'/></safe>"u8]);
        Assert.True(UserConfigurationReader.Read(file, Samples.NoEnvironment).Ok);
    }

    /// <summary>Whatever a file holds, reading it gives findings and never an exception.</summary>
    [Fact]
    public void TwentyThousandMutationsOnlyGiveFindings()
    {
        var random = new Random(4803);
        string[] documents = [Samples.Farm, Samples.Cluster];
        string[] pieces = ["<", ">", "\"", "/>", "&", "%VIP%", "<!--", "-->", "<!DOCTYPE", "[", "]]>", "<![CDATA[", "<?xml ", "\0", "\uD800", "é", "-1", "9999999999", "<safe>", "<macro name=\"a\" value=\"%a%\"/>"];
        var cluster = Samples.ReadCluster(Samples.TwoNodes).Value!;
        for (var i = 0; i < 20_000; i++)
        {
            var text = documents[i % documents.Length];
            for (var edits = random.Next(1, 4); edits > 0; edits--)
                text = Mutate(text, random, pieces);
            var user = Samples.ReadUser(text);
            if (user.Value is not null)
                ConfigurationCheck.Check(user.Value, cluster, new LiveNode([], null));
            Assert.True(user.Ok || user.Errors.Any());
            var other = Samples.ReadCluster(text);
            Assert.True(other.Ok || other.Errors.Any());
        }
    }

    /// <summary>Every attribute, with every number that is hard to hold.</summary>
    [Fact]
    public void HugeNumbersOnlyGiveFindings()
    {
        const string All = "pulse=\"1\" mlost_count=\"1\" slost_count=\"1\" port=\"1\"";
        string[] documents =
        [
            Samples.Farm.Replace("<farm>", $"<farm {All}>")
                .Replace("<interface>", "<interface arpinterval=\"1\" arpelapse=\"1\">")
                .Replace("boot=\"auto\"", "boot_delay=\"1\" defaultprim=\"1\"")
                .Replace("logging=", "forcestoptimeout=\"1\" userlogsize=\"1\" logging="),
            Samples.Cluster.Replace("<lans port=\"4800\" pulse=\"100ms\">", $"<lans {All}>"),
        ];
        string[] numbers = ["2147483647", "2147483648", "-2147483649", "4294967296", "300000000", "9223372036854775807", "18446744073709551616", new string('9', 60), new string('9', 4000)];
        string[] units = ["", "d", "h", "m", "s", "ms", "us"];
        foreach (var (document, attribute, number, unit) in
            from document in documents
            from Match attribute in Regex.Matches(document, "=\"([^\"]*)\"")
            from number in numbers
            from unit in units
            select (document, attribute, number, unit))
        {
            var text = $"{document[..attribute.Index]}=\"{number}{unit}\"{document[(attribute.Index + attribute.Length)..]}";
            var user = Samples.ReadUser(text);
            if (user.Value is not null)
                ConfigurationCheck.Check(user.Value, null, new LiveNode([], null));
            Assert.True(user.Ok || user.Errors.All(error => error.Remedy.Length > 0));
            var cluster = Samples.ReadCluster(text);
            Assert.True(cluster.Ok || cluster.Errors.All(error => error.Remedy.Length > 0));
        }
    }

    private static string Mutate(string text, Random random, string[] pieces)
    {
        var at = random.Next(text.Length);
        var length = Math.Min(random.Next(1, 12), text.Length - at);
        return random.Next(5) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, pieces[random.Next(pieces.Length)]),
            2 => text.Insert(random.Next(text.Length), text.Substring(at, length)),
            3 => text[..at] + (char)random.Next(1, 128) + text[(at + 1)..],
            _ => text[..at] + pieces[random.Next(pieces.Length)] + text[(at + length)..],
        } + " ";
    }
}
