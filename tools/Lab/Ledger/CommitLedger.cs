using System.Globalization;
using SafeKit.Core;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Ledger;

/// <summary>
/// A client that remembers: writers insert numbered rows through failovers, and at the end every commit that was confirmed must be in the database.
/// </summary>
public sealed class CommitLedger : IDisposable
{
    private const string MakeTable =
        "SET client_min_messages = warning; CREATE TABLE IF NOT EXISTS ledger (writer int, number bigint, at timestamptz DEFAULT now(), "
        + "PRIMARY KEY (writer, number))";

    private const int LostShown = 10;

    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _statementLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _serviceLimit = TimeSpan.FromSeconds(60);

    private readonly LabClient _client;
    private readonly LedgerOptions _options;
    private readonly AcknowledgementLog _log;
    private readonly List<LedgerWriter> _writers = [];
    private bool _ended;

    private CommitLedger(LabClient client, string logPath, LedgerOptions options)
    {
        _client = client;
        _options = options;
        _log = new AcknowledgementLog(logPath);
    }

    public long Confirmed => _log.Count;

    /// <summary>What the writers were told last, for messages.</summary>
    public string ErrorText => string.Join("; ", _writers.Select(writer => writer.LastError).Where(text => text.Length > 0).Distinct());

    /// <summary>Makes the table and begins writing.</summary>
    /// <param name="logPath">File of the confirmed rows.</param>
    public static CommitLedger Start(LabClient client, string logPath, LedgerOptions? options = null)
    {
        var ledger = new CommitLedger(client, logPath, options ?? new LedgerOptions());
        ledger.Ask(MakeTable);
        for (var writer = 0; writer <= ledger._options.Writers; writer++)
            ledger._writers.Add(new LedgerWriter(writer, client.Network, ledger._options, keepsConnection: writer > 0, ledger._log));
        return ledger;
    }

    /// <summary>Waits until so many rows that were begun after an instant are confirmed; the service is there again.</summary>
    /// <exception cref="LabException">Not within the limit.</exception>
    public async Task WaitForServiceAsync(long sinceNs, int rows = 20, CancellationToken cancel = default)
    {
        var deadline = MonotonicClock.NowNs + _serviceLimit.Ticks * 100;
        while (_log.BegunSince(sinceNs) < rows)
        {
            if (MonotonicClock.NowNs > deadline)
                throw new LabException(
                    $"{_log.BegunSince(sinceNs)} instead of {rows} commits within {_serviceLimit.TotalSeconds} s; clients were told: {ErrorText}");
            await Task.Delay(_pollInterval, cancel);
        }
    }

    /// <summary>The longest time without any confirmed commit that ended after an instant; seconds.</summary>
    public double OutageS(long sinceNs) => _log.LongestGapS(sinceNs);

    /// <summary>Holds what was confirmed until now against the database. Writers may go on meanwhile.</summary>
    public LedgerReport Check()
    {
        // The order matters: what is confirmed before the question must be in the answer; what is sent before the last look may be.
        var confirmed = _log.Snapshot();
        var rows = Ask("SELECT writer, number FROM ledger");
        var attempted = _writers.ToDictionary(writer => writer.Writer, writer => writer.Attempted);
        var present = rows.Select(RowOf).ToHashSet();
        var lost = confirmed.SelectMany(entry => entry.Value.Select(number => (Writer: entry.Key, Number: number)))
            .Where(row => !present.Contains(row)).ToList();
        return new LedgerReport(
            confirmed.Values.Sum(list => (long)list.Count),
            present.Count,
            lost.Count,
            lost.Take(LostShown).Select(row => $"row {row.Number} of writer {row.Writer}").ToList(),
            present.Count(row => row.Number > attempted.GetValueOrDefault(row.Writer)));
    }

    private static (int Writer, long Number) RowOf(string[] row) =>
        (int.Parse(row[0], CultureInfo.InvariantCulture), long.Parse(row[1], CultureInfo.InvariantCulture));

    /// <summary>Runs a statement as a client would, on a connection of its own; tries again while there is no connection.</summary>
    public List<string[]> Ask(string statement) => Ask(_client, statement, _options);

    public static List<string[]> Ask(LabClient client, string statement, LedgerOptions? options = null) => client.Network.Invoke(() =>
    {
        options ??= new LedgerOptions();
        var deadline = MonotonicClock.NowNs + _serviceLimit.Ticks * 100;
        while (true)
        {
            try
            {
                using var connection = DatabaseConnection.Open(options.Settings, options.ConnectLimit);
                return connection.Execute(statement, _statementLimit);
            }
            catch (DatabaseException e)
            {
                if (MonotonicClock.NowNs > deadline)
                    throw new LabException($"'{statement}' failed for {_serviceLimit.TotalSeconds} s: {e.Message}");
                Thread.Sleep(_pollInterval);
            }
        }
    });

    /// <summary>Ends writing. The ledger can still be checked.</summary>
    public void End()
    {
        if (_ended)
            return;
        _ended = true;
        foreach (var writer in _writers)
            writer.End();
    }

    public void Dispose()
    {
        End();
        _log.Dispose();
    }
}
