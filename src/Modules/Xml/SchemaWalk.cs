namespace SafeKit.Modules;

/// <summary>Reports everything in a document that the schema does not know: nothing is ignored in silence.</summary>
internal static class SchemaWalk
{
    public static void Check(ConfigElement element, ElementSchema schema, FindingList findings)
    {
        CheckAttributes(element, schema, findings);
        if (element.Text is { } text)
            findings.Warning(
                text,
                $"text in <{element.Name}> is ignored",
                "remove it, or put it into a comment <!-- -->");
        var seen = new HashSet<string>();
        foreach (var child in element.Children)
        {
            var known = Array.Find(schema.Children, candidate => candidate.Name == child.Name);
            if (known is null)
                ReportUnknown(child, schema, findings);
            else if (known.NotYet is { } severity)
                findings.Add(
                    severity,
                    child.Place,
                    $"<{child.Name}> is not supported yet in this version",
                    known.Remedy);
            else
                CheckKnown(child, known, seen, findings);
        }
    }

    private static void CheckKnown(ConfigElement child, ElementSchema known, HashSet<string> seen, FindingList findings)
    {
        if (!seen.Add(child.Name) && !known.Repeats)
            findings.Error(child.Place, $"<{child.Name}> appears twice", "keep one of them");
        Check(child, known, findings);
    }

    private static void CheckAttributes(ConfigElement element, ElementSchema schema, FindingList findings)
    {
        foreach (var attribute in element.Attributes)
        {
            if (schema.Attributes.Contains(attribute.Name))
                continue;
            if (schema.Obsolete.Contains(attribute.Name))
            {
                findings.Note(
                    attribute.Place,
                    $"attribute {attribute.Name} of <{element.Name}> has no effect any more",
                    "it may be removed");
                continue;
            }

            findings.Warning(
                attribute.Place,
                $"unknown attribute {attribute.Name} in <{element.Name}> is ignored",
                Suggest(attribute.Name, schema.Attributes, "attributes"));
        }
    }

    private static void ReportUnknown(ConfigElement child, ElementSchema parent, FindingList findings) =>
        findings.Warning(
            child.Place,
            $"unknown element <{child.Name}> in <{parent.Name}> is ignored",
            Suggest(child.Name, parent.Children.Select(known => known.Name), "elements"));

    public static string Suggest(string name, IEnumerable<string> known, string what)
    {
        var names = known.ToArray();
        if (NearestName.Find(name, names) is { } nearest)
            return $"did you mean {nearest}?";
        return names.Length == 0 ? $"it has no {what}" : $"known {what} are {string.Join(", ", names)}";
    }
}
