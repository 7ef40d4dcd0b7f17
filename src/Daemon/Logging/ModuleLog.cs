using System.Globalization;
using System.Threading.Channels;
using SafeKit.Core.Control;

namespace SafeKit.Daemon.Logging;

/// <summary>
/// The log of one module: the newest lines in memory for <c>safekit log</c>, every line in the service's log (journal), and
/// all of them in a file of bounded size, so that what happened before a restart can still be read. Writing a line only puts
/// it into a queue: the membership's thread must never wait for a disk.
/// </summary>
public sealed class ModuleLog : IDisposable
{
    private const int LinesInMemoryMax = 10_000;
    private const long FileBytesMax = 4 << 20;
    private readonly Channel<LogLine> _incoming = Channel.CreateBounded<LogLine>(
        new BoundedChannelOptions(LinesInMemoryMax) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _lines = new();
    private readonly Task _pump;
    private readonly string _module;
    private readonly string _path;
    private readonly ILogger _journal;
    private StreamWriter? _file;

    public ModuleLog(string module, string folder, ILogger journal)
    {
        _module = module;
        _journal = journal;
        _path = Path.Combine(folder, "module.log");
        Directory.CreateDirectory(folder);
        foreach (var line in ReadBack())
            _lines.Enqueue(line);
        _file = TryAppend();
        _pump = Task.Run(PumpAsync);
    }

    /// <summary>A decision or a change of state.</summary>
    public void Event(string origin, string message) => Write("E", origin, message);

    /// <summary>Something that an administrator must look at.</summary>
    public void Critical(string origin, string message) => Write("C", origin, message);

    /// <summary>A script ran.</summary>
    public void Script(string message) => Write("S", "userplug", message);

    /// <summary>Detail for who looks closer (<c>-A</c>).</summary>
    public void Information(string origin, string message) => Write("I", origin, message);

    /// <summary>The newest lines, oldest first; detail lines only when <paramref name="all"/>.</summary>
    public IReadOnlyList<LogLine> Newest(int count, bool all)
    {
        Drain();
        lock (_gate)
            return _lines.Where(l => all || l.Level != "I").TakeLast(Math.Clamp(count, 0, LinesInMemoryMax)).ToList();
    }

    public void Dispose()
    {
        _incoming.Writer.TryComplete();
        _pump.Wait();
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    private void Write(string level, string origin, string message) =>
        _incoming.Writer.TryWrite(new LogLine(DateTimeOffset.UtcNow, level, _module, origin, message.ReplaceLineEndings(" ")));

    private async Task PumpAsync()
    {
        while (await _incoming.Reader.WaitToReadAsync())
            Drain();
    }

    private void Drain()
    {
        lock (_gate)
        {
            while (_incoming.Reader.TryRead(out var line))
            {
                _lines.Enqueue(line);
                if (_lines.Count > LinesInMemoryMax)
                    _lines.Dequeue();
                AppendToFile(line);
                LogMessages.Module(_journal, Severity(line.Level), _module, line.Origin, line.Message);
            }
        }
    }

    private void AppendToFile(LogLine line)
    {
        try
        {
            if (_file?.BaseStream.Length > FileBytesMax)
            {
                _file.Dispose();
                _file = null;
                File.Move(_path, _path + ".1", overwrite: true);
                _file = TryAppend();
            }

            _file?.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{line.Time:O}\t{line.Level}\t{line.Origin}\t{line.Message}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk must not stop the module: its log goes on in the journal.
            LogMessages.LogFileFailed(_journal, _path, e.Message);
        }
    }

    private StreamWriter? TryAppend()
    {
        try
        {
            return new StreamWriter(_path, append: true) { AutoFlush = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogMessages.LogFileFailed(_journal, _path, e.Message);
            return null;
        }
    }

    private IEnumerable<LogLine> ReadBack() =>
        File.Exists(_path)
            ? File.ReadLines(_path).TakeLast(LinesInMemoryMax).Select(Parse).OfType<LogLine>()
            : [];

    private LogLine? Parse(string text)
    {
        var parts = text.Split('\t', 4);
        return parts.Length == 4
            && DateTimeOffset.TryParse(parts[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new LogLine(time, parts[1], _module, parts[2], parts[3])
            : null;
    }

    private static LogLevel Severity(string level) => level switch
    {
        "C" => LogLevel.Error,
        "I" => LogLevel.Debug,
        _ => LogLevel.Information,
    };
}
