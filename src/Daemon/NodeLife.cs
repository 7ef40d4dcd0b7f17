using System.Globalization;
using System.Text;
using SafeKit.Core;

namespace SafeKit.Daemon;

/// <summary>
/// Numbers the lives of a module on this node so that each is higher than the one before, also where the wall clock was set back meanwhile or
/// the machine started anew: the other nodes take nothing from an earlier life.
/// </summary>
/// <param name="folder">Where the last one is remembered.</param>
public sealed class NodeLife(string folder)
{
    private readonly string _file = Path.Combine(folder, "life");

    /// <param name="byClock">The number that the wall clock gives.</param>
    /// <exception cref="SafeKitException">It cannot be remembered.</exception>
    public ulong Next(ulong byClock)
    {
        var last = Read();
        var next = last < ulong.MaxValue ? Math.Max(byClock, last + 1) : byClock;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SafeKitException($"{folder} cannot be made: {e.Message}; free the disk, or make it writable");
        }

        DurableFile.Replace(_file, Encoding.ASCII.GetBytes(next.ToString(CultureInfo.InvariantCulture)));
        return next;
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
