using System.Text.RegularExpressions;
using System.Xml;

namespace SafeKit.Modules;

/// <summary>Words for an administrator in place of the XML parser's own.</summary>
internal static partial class XmlErrorText
{
    private static readonly (string Part, string Remedy)[] _remedies =
    [
        ("does not match the end tag", "close every element in the reverse order of opening"),
        ("Unexpected end of file", "close every element, comment and quotation that is open; the file may be cut off"),
        ("is a duplicate attribute name", "keep one of the two"),
        ("DTD", "write <!DOCTYPE safe> at the top of the file or leave it out"),
        ("undeclared entity", "write & as &amp; and < as &lt;"),
        ("An error occurred while parsing EntityName", "write & as &amp; and < as &lt;"),
        ("hexadecimal value", "remove the character: it cannot stand here, perhaps a tag, a quotation mark or '=' is missing before it"),
        ("is an unexpected token", "put the expected token here: perhaps a quotation mark, '=' or '>' is missing"),
        ("undeclared prefix", "write the name without ':'"),
    ];

    public static (string Message, string Remedy) Describe(XmlException e)
    {
        var message = Position().Replace(e.Message, "");
        var remedy = _remedies.FirstOrDefault(entry => message.Contains(entry.Part, StringComparison.Ordinal)).Remedy;
        return ($"broken XML: {message}", remedy ?? "correct the XML at this place");
    }

    [GeneratedRegex(@" Line \d+, position \d+\.$")]
    private static partial Regex Position();
}
