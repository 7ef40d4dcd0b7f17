using System.Globalization;

namespace SafeKit.Lab.Isolation;

/// <summary>
/// A wall clock for the programs of a machine that can be set while they run, as an administrator or NTP would set the machine's
/// (<c>fake_clock.c</c>). The monotonic clocks stay true, as they do on a machine.
/// </summary>
public sealed class FakeClock
{
    private const string Source = "fake_clock.c";
    private readonly string _file;

    private FakeClock(string file, string library)
    {
        _file = file;
        Environment = new Dictionary<string, string> { ["LD_PRELOAD"] = library, ["FAKE_CLOCK"] = file };
    }

    /// <summary>What the programs are started with.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <param name="folder">What the clock needs is made there.</param>
    /// <exception cref="LabException">It cannot be built.</exception>
    public static async Task<FakeClock> CreateAsync(string folder, string name, TimeSpan offset)
    {
        var library = Path.Combine(folder, $"{name}.so");
        await Command.MustRunAsync(["clang", "-O2", "-shared", "-fPIC", "-o", library, Path.Combine(AppContext.BaseDirectory, Source)]);
        var clock = new FakeClock(Path.Combine(folder, name), library);
        clock.Set(offset);
        return clock;
    }

    /// <summary>From now on the clock is this far from the true time, in whole seconds.</summary>
    public void Set(TimeSpan offset)
    {
        // Renamed, so that no program reads a part of it.
        File.WriteAllText($"{_file}.new", ((long)offset.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        File.Move($"{_file}.new", _file, overwrite: true);
    }
}
