using System.Globalization;
using System.Text.Json;

namespace SafeKit.Bench;

/// <summary>Collects measurements: a "name value unit" line each as they come, and JSON at the end.</summary>
public sealed class BenchReport(TextWriter output)
{
    private readonly List<Measurement> _measurements = [];

    public IReadOnlyList<Measurement> Measurements => _measurements;

    /// <summary>A remark for people; programs skip lines that begin with '#'.</summary>
    public void Say(string sentence)
    {
        output.WriteLine($"# {sentence}");
        output.Flush();
    }

    public void Measure(string name, double value, string unit)
    {
        _measurements.Add(new Measurement(name, Math.Round(value, 4), unit));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.####} {unit}"));
        output.Flush();
    }

    public void WriteJson(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        using var file = File.Create(path);
        using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        foreach (var measurement in _measurements)
        {
            writer.WriteStartObject(measurement.Name);
            writer.WriteNumber("value", measurement.Value);
            writer.WriteString("unit", measurement.Unit);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
