using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SafeKit.Core.Control;

namespace SafeKit.Cli;

/// <summary>How answers are printed: as JSON for programs, as one sentence or a table for people.</summary>
public static class Output
{
    public static void Json<T>(T value, JsonTypeInfo<T> type) =>
        Console.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>Prints the sentence of a command and returns its exit code.</summary>
    public static int Action(ActionResult result, bool json)
    {
        if (json)
            Json(result, ControlJson.Indented.ActionResult);
        else if (result.Ok)
            Console.WriteLine(result.Message);
        else
            Console.Error.WriteLine("safekit: " + result.Message);
        return result.Ok ? ExitCodes.Done : ExitCodes.Failed;
    }

    /// <summary>Prints rows with columns as wide as they need, without borders: good for people and for <c>awk</c>.</summary>
    public static void Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.Prepend(header).ToList();
        var widths = header.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
            Console.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
    }
}
