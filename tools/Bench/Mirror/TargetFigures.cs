namespace SafeKit.Bench.Mirror;

/// <summary>What one target reached, by row; where a row was repeated, all of its values.</summary>
internal sealed class TargetFigures
{
    private readonly Dictionary<string, List<double>> _rows = [];

    public IEnumerable<string> Rows => _rows.Keys;

    public void Add(string row, double value)
    {
        if (!_rows.TryGetValue(row, out var values))
            _rows[row] = values = [];
        values.Add(value);
    }

    /// <summary>The median; not a number where the row was not measured.</summary>
    public double this[string row] => _rows.TryGetValue(row, out var values) ? Samples.Median(values) : double.NaN;
}
