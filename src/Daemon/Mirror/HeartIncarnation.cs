using System.Globalization;
using SafeKit.Core;

namespace SafeKit.Daemon.Mirror;

/// <summary>
/// Numbers the lives of a module's heart so that each is higher than the one before, also where the wall clock went back meanwhile: the other
/// node takes nothing from an earlier life.
/// </summary>
/// <param name="folder">Where the last one is remembered.</param>
public sealed class HeartIncarnation(string folder)
{
    private readonly string _file = Path.Combine(folder, "heart-incarnation");

    /// <param name="byClock">The number that the wall clock gives.</param>
    /// <exception cref="SafeKitException">It cannot be remembered.</exception>
    public ulong Next(ulong byClock)
    {
        var last = Read();
        var next = last < ulong.MaxValue ? Math.Max(byClock, last + 1) : byClock;
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(_file + ".new", next.ToString(CultureInfo.InvariantCulture));
            File.Move(_file + ".new", _file, overwrite: true);
            return next;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SafeKitException($"{_file} cannot be written: {e.Message}; free the disk, or make it writable");
        }
    }

    private ulong Read()
    {
        try
        {
            return File.Exists(_file) && ulong.TryParse(File.ReadAllText(_file), CultureInfo.InvariantCulture, out var last) ? last : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be read is not remembered: then the clock alone decides.
            return 0;
        }
    }
}
