namespace SafeKit.Modules;

/// <summary>
/// Replaces document type declarations and XML declarations by blanks of the same shape, so that they may stand
/// anywhere (the samples that users copy have comments before them) and every later line and column stays true.
/// What a declaration could define (entities, an external subset) is refused or ignored here: the XML parser that
/// follows never sees one, and is told to prohibit them as well.
/// </summary>
internal static class PrologBlanker
{
    public static string Blank(string text, FindingList findings)
    {
        char[]? blanked = null;
        var position = 0;
        while ((position = text.IndexOf('<', position)) >= 0)
        {
            var end = EndOfMarkup(text, position, out var isProlog);
            if (isProlog)
            {
                Report(text, position, end, findings);
                blanked ??= text.ToCharArray();
                for (var i = position; i < end; i++)
                    blanked[i] = blanked[i] is '\n' or '\r' ? blanked[i] : ' ';
            }

            position = end;
        }

        return blanked is null ? text : new string(blanked);
    }

    private static int EndOfMarkup(string text, int start, out bool isProlog)
    {
        var rest = text.AsSpan(start);
        isProlog = false;
        if (rest.StartsWith("<!--"))
            return After(text, "-->", start + 4);
        if (rest.StartsWith("<![CDATA["))
            return After(text, "]]>", start + 9);
        if (rest.StartsWith("<?"))
        {
            isProlog = rest.StartsWith("<?xml") && rest.Length > 5 && char.IsWhiteSpace(rest[5]);
            return After(text, "?>", start + 2);
        }

        isProlog = rest.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase);
        return isProlog ? EndOfDocumentType(text, start) : start + 1;
    }

    private static int After(string text, string mark, int from)
    {
        var index = text.IndexOf(mark, Math.Min(from, text.Length), StringComparison.Ordinal);
        return index < 0 ? text.Length : index + mark.Length;
    }

    private static int EndOfDocumentType(string text, int start)
    {
        var inSubset = false;
        var quote = '\0';
        for (var i = start; i < text.Length; i++)
        {
            var c = text[i];
            if (quote != '\0')
                quote = c == quote ? '\0' : quote;
            else if (c is '"' or '\'')
                quote = c;
            else if (c is '[' or ']')
                inSubset = c == '[';
            else if (c == '>' && !inSubset)
                return i + 1;
        }

        return text.Length;
    }

    private static void Report(string text, int start, int end, FindingList findings)
    {
        var declaration = text.AsSpan(start, end - start);
        if (declaration.StartsWith("<?"))
            return;
        var place = PlaceOf(text, start, findings.File);
        if (declaration.Contains('['))
        {
            findings.Error(
                place,
                "the document type declaration defines entities or elements, which is refused",
                "write <!DOCTYPE safe> or leave the line out; use <macro> for values that repeat");
        }
        else if (declaration.Contains('"') || declaration.Contains('\''))
        {
            findings.Warning(
                place,
                "the external document type is ignored: no file or address is ever fetched",
                "write <!DOCTYPE safe> or leave the line out");
        }
    }

    private static SourcePlace PlaceOf(string text, int index, string file)
    {
        var before = text.AsSpan(0, index);
        return new SourcePlace(file, before.Count('\n') + 1, index - before.LastIndexOf('\n'));
    }
}
