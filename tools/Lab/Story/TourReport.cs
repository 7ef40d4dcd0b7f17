using System.Globalization;

namespace SafeKit.Lab.Story;

/// <summary>Prints what was measured, one "name value unit" line each, and remembers which promises were held.</summary>
public sealed class TourReport(TextWriter output)
{
    private readonly List<string> _broken = [];

    public int Held { get; private set; }

    public IReadOnlyList<string> Broken => _broken;

    public bool AllHeld => _broken.Count == 0 && Held > 0;

    public void Say(string sentence) => output.WriteLine($"# {sentence}");

    public void Measure(string name, double value, string unit) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.###} {unit}"));

    /// <param name="seen">What was seen, whether it was held or not.</param>
    public void Promise(string name, bool held, string seen)
    {
        if (held)
            Held++;
        else
            _broken.Add(name);
        output.WriteLine($"promise {name} {(held ? "held" : "BROKEN")} ({seen})");
    }
}
