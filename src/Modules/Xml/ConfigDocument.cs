using System.Xml;
using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>
/// Parses text as a sequence of elements (so <c>&lt;macro&gt;</c> may stand before <c>&lt;safe&gt;</c>) with the line and
/// column of everything. Resolves nothing outside the text.
/// </summary>
internal static class ConfigDocument
{
    private const int DepthMax = 32;
    private const int ElementsMax = 20_000;

    /// <returns>The elements at top level, or null after an error that leaves nothing to read.</returns>
    public static List<ConfigElement>? Parse(string text, FindingList findings)
    {
        if (text.Length > Limits.ConfigurationBytesMax)
        {
            ConfigurationFile.TooLarge(findings);
            return null;
        }

        var blanked = PrologBlanker.Blank(text, findings);
        if (findings.HasErrors)
            return null;
        var settings = new XmlReaderSettings
        {
            ConformanceLevel = ConformanceLevel.Fragment,
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersFromEntities = Limits.ConfigurationBytesMax,
            MaxCharactersInDocument = Limits.ConfigurationBytesMax,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
        };
        try
        {
            using var reader = XmlReader.Create(new StringReader(blanked), settings);
            return Build(reader, findings);
        }
        catch (XmlException e)
        {
            var (message, remedy) = XmlErrorText.Describe(e);
            findings.Error(new SourcePlace(findings.File, e.LineNumber, e.LinePosition), message, remedy);
            return null;
        }
    }

    private static List<ConfigElement>? Build(XmlReader reader, FindingList findings)
    {
        var position = (IXmlLineInfo)reader;
        var top = new List<ConfigElement>();
        var open = new Stack<ConfigElement>();
        var count = 0;
        while (reader.Read())
        {
            var place = new SourcePlace(findings.File, position.LineNumber, position.LinePosition);
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (++count > ElementsMax || open.Count >= DepthMax)
                    {
                        findings.Error(
                            place,
                            "too many elements, or elements nested too deeply",
                            "check that this is the right file");
                        return null;
                    }

                    var isEmpty = reader.IsEmptyElement;
                    var element = ReadElement(reader, position, findings.File);
                    (open.Count > 0 ? open.Peek().Children : top).Add(element);
                    if (!isEmpty)
                        open.Push(element);
                    break;
                case XmlNodeType.EndElement:
                    open.Pop();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA:
                    NoteText(open, place, findings);
                    break;
            }
        }

        return top;
    }

    private static ConfigElement ReadElement(XmlReader reader, IXmlLineInfo position, string file)
    {
        // The reader points behind '<'; people look for the tag, so one column back.
        var element = new ConfigElement(reader.Name, new SourcePlace(file, position.LineNumber, position.LinePosition - 1));
        while (reader.MoveToNextAttribute())
        {
            var place = new SourcePlace(file, position.LineNumber, position.LinePosition);
            element.Attributes.Add(new ConfigAttribute(reader.Name, reader.Value, place));
        }

        reader.MoveToElement();
        return element;
    }

    private static void NoteText(Stack<ConfigElement> open, SourcePlace place, FindingList findings)
    {
        if (open.Count > 0)
            open.Peek().Text ??= place;
        else
            findings.Error(place, "text outside of any element", "remove it, or put it into a comment <!-- -->");
    }
}
