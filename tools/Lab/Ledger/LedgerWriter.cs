using SafeKit.Core;
using SafeKit.Lab.Isolation;

namespace SafeKit.Lab.Ledger;

/// <summary>
/// Inserts numbered rows, one commit each, on a thread in the client's network. A row whose outcome it does not know is never tried again: it may
/// be there or not, both are right.
/// </summary>
internal sealed class LedgerWriter
{
    private static readonly TimeSpan _retryPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(10);

    private readonly int _writer;
    private readonly LedgerOptions _options;
    private readonly bool _keepsConnection;
    private readonly AcknowledgementLog _log;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _ending = new();
    private long _attempted;
    private string _lastError = "";

    public LedgerWriter(int writer, NetworkNamespace network, LedgerOptions options, bool keepsConnection, AcknowledgementLog log)
    {
        _writer = writer;
        _options = options;
        _keepsConnection = keepsConnection;
        _log = log;
        _thread = network.StartThread($"ledger-{writer}", Write);
    }

    public int Writer => _writer;

    /// <summary>The highest number that was ever sent.</summary>
    public long Attempted => Volatile.Read(ref _attempted);

    public string LastError => Volatile.Read(ref _lastError);

    public void End()
    {
        _ending.Set();
        if (!_thread.Join(_endLimit))
            throw new LabException($"writer {_writer} of the ledger does not end");
    }

    private void Write()
    {
        DatabaseConnection? connection = null;
        while (!_ending.IsSet)
        {
            var pause = _keepsConnection ? _options.Pause : _options.ProbePause;
            try
            {
                connection ??= DatabaseConnection.Open(_options.Settings, _options.ConnectLimit);
                Insert(connection);
            }
            catch (DatabaseException e)
            {
                Volatile.Write(ref _lastError, e.Message);
                connection?.Dispose();
                connection = null;
                pause = _retryPause;
            }

            if (!_keepsConnection)
            {
                connection?.Dispose();
                connection = null;
            }

            _ending.Wait(pause);
        }

        connection?.Dispose();
    }

    private void Insert(DatabaseConnection connection)
    {
        var number = _attempted + 1;
        Volatile.Write(ref _attempted, number);
        var begun = MonotonicClock.NowNs;
        connection.Execute(
            $"INSERT INTO ledger (writer, number) VALUES ({_writer}, {number})", _keepsConnection ? _options.CommitLimit : _options.ProbeLimit);
        _log.Add(_writer, number, begun);
    }
}
