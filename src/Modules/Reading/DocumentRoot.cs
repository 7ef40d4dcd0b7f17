namespace SafeKit.Modules;

/// <summary>The steps that both files share: parse, find the root, replace macros, compare with the schema.</summary>
internal static class DocumentRoot
{
    /// <param name="beside">Elements that may also stand beside the root, at top level.</param>
    public static ConfigElement? Open(
        List<ConfigElement> top, ElementSchema schema, ElementSchema[] beside, MacroExpander expander, FindingList findings)
    {
        ConfigElement? root = null;
        foreach (var element in top)
        {
            expander.Expand(element);
            if (element.Name == schema.Name && root is null)
                root = element;
            else if (Array.Find(beside, known => known.Name == element.Name) is { } known)
                SchemaWalk.Check(element, known, findings);
            else
                ReportWrongRoot(element, schema, beside, findings);
        }

        if (root is null)
        {
            if (!findings.HasErrors)
                findings.Error(
                    $"the file holds no <{schema.Name}> element",
                    $"put the whole configuration into <{schema.Name}> ... </{schema.Name}>");
            return null;
        }

        SchemaWalk.Check(root, schema, findings);
        return root;
    }

    private static void ReportWrongRoot(ConfigElement element, ElementSchema schema, ElementSchema[] beside, FindingList findings)
    {
        var message = element.Name == schema.Name
            ? $"<{schema.Name}> appears twice"
            : $"<{element.Name}> cannot stand at the top of this file: <{schema.Name}> is expected";
        var remedy = element.Name == schema.Name
            ? "keep one of them"
            : SchemaWalk.Suggest(element.Name, [schema.Name, .. beside.Select(known => known.Name)], "elements");
        findings.Error(element.Place, message, remedy);
    }
}
