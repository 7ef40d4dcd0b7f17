using System.Globalization;
using System.Text;
using SafeKit.Core;

namespace SafeKit.Lab.Ledger;

/// <summary>
/// What writers were told is committed: in memory, and in a file that is handed to the operating system line by line, so that it outlives
/// this process.
/// </summary>
public sealed class AcknowledgementLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private readonly Dictionary<int, List<long>> _numbers = [];
    private readonly List<(long BegunNs, long AtNs)> _instants = [];

    public AcknowledgementLog(string path) =>
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public long Count
    {
        get
        {
            lock (_lock)
                return _instants.Count;
        }
    }

    /// <param name="begunNs">When the statement was sent.</param>
    public void Add(int writer, long number, long begunNs)
    {
        var now = MonotonicClock.NowNs;
        lock (_lock)
        {
            _file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{writer} {number}\n")));
            if (!_numbers.TryGetValue(writer, out var list))
                _numbers[writer] = list = [];
            list.Add(number);
            _instants.Add((begunNs, now));
        }
    }

    /// <summary>All acknowledged rows by writer, in order.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<long>> Snapshot()
    {
        lock (_lock)
            return _numbers.ToDictionary(entry => entry.Key, entry => (IReadOnlyList<long>)entry.Value.ToList());
    }

    /// <summary>Rows that were begun after an instant and acknowledged.</summary>
    public int BegunSince(long atNs)
    {
        lock (_lock)
            return _instants.Count(instant => instant.BegunNs > atNs);
    }

    /// <summary>The longest time without any acknowledgement that ended, or goes on, after an instant; seconds.</summary>
    public double LongestGapS(long sinceNs)
    {
        lock (_lock)
        {
            var longest = 0L;
            var last = 0L;
            foreach (var (_, at) in _instants)
            {
                if (at > sinceNs && last != 0)
                    longest = Math.Max(longest, at - last);
                last = at;
            }

            return Math.Max(longest, last == 0 ? 0 : MonotonicClock.NowNs - last) / 1e9;
        }
    }

    public void Dispose() => _file.Dispose();
}
