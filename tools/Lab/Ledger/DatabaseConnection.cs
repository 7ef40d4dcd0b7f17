using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Lab.Native;

namespace SafeKit.Lab.Ledger;

/// <summary>
/// A connection to PostgreSQL whose every wait is bounded: libpq's own limits begin at two seconds, which is longer than a failover.
/// Belongs to one thread, and to
/// the network namespace of the thread that opened it.
/// </summary>
public sealed class DatabaseConnection : IDisposable
{
    private nint _connection;

    private DatabaseConnection(nint connection) => _connection = connection;

    /// <exception cref="DatabaseException">Not connected within the limit.</exception>
    public static DatabaseConnection Open(string settings, TimeSpan limit)
    {
        var connection = new DatabaseConnection(LibPq.PQconnectStart(settings));
        try
        {
            var deadline = MonotonicClock.NowNs + limit.Ticks * 100;
            var direction = PollDescriptor.Writable;
            while (LibPq.PQstatus(connection._connection) != LibPq.CONNECTION_OK)
            {
                connection.Wait(direction, deadline, "no connection");
                var state = LibPq.PQconnectPoll(connection._connection);
                if (state == LibPq.PGRES_POLLING_FAILED)
                    throw new DatabaseException(connection.ErrorText());
                if (state == LibPq.PGRES_POLLING_OK)
                    break;
                direction = state == LibPq.PGRES_POLLING_READING ? PollDescriptor.Readable : PollDescriptor.Writable;
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs one statement, or several, and returns the rows of the last as texts.</summary>
    /// <exception cref="DatabaseException">An error, or no answer within the limit; the connection is of no more use then.</exception>
    public List<string[]> Execute(string statement, TimeSpan limit)
    {
        var deadline = MonotonicClock.NowNs + limit.Ticks * 100;
        if (LibPq.PQsendQuery(_connection, statement) != 1)
            throw new DatabaseException(ErrorText());
        var rows = new List<string[]>();
        while (true)
        {
            while (LibPq.PQisBusy(_connection) == 1)
            {
                Wait(PollDescriptor.Readable, deadline, "no answer");
                if (LibPq.PQconsumeInput(_connection) != 1)
                    throw new DatabaseException(ErrorText());
            }

            var result = LibPq.PQgetResult(_connection);
            if (result == 0)
                return rows;
            try
            {
                rows = Read(result);
            }
            finally
            {
                LibPq.PQclear(result);
            }
        }
    }

    public void Dispose()
    {
        if (_connection == 0)
            return;
        LibPq.PQfinish(_connection);
        _connection = 0;
    }

    private static List<string[]> Read(nint result)
    {
        var status = LibPq.PQresultStatus(result);
        if (status is not (LibPq.PGRES_COMMAND_OK or LibPq.PGRES_TUPLES_OK))
            throw new DatabaseException(Text(LibPq.PQresultErrorMessage(result)));
        var columns = LibPq.PQnfields(result);
        return Enumerable.Range(0, LibPq.PQntuples(result))
            .Select(row => Enumerable.Range(0, columns).Select(column => Text(LibPq.PQgetvalue(result, row, column))).ToArray())
            .ToList();
    }

    private unsafe void Wait(short direction, long deadlineNs, string problem)
    {
        var leftMs = (deadlineNs - MonotonicClock.NowNs) / 1_000_000;
        var descriptor = new PollDescriptor { Descriptor = LibPq.PQsocket(_connection), Events = direction };
        if (descriptor.Descriptor < 0)
            throw new DatabaseException(ErrorText());
        if (leftMs <= 0 || Libc.poll(&descriptor, 1, (int)leftMs) == 0)
            throw new DatabaseException($"{problem} in time");
    }

    private string ErrorText() => Text(LibPq.PQerrorMessage(_connection));

    private static string Text(nint text) => (Marshal.PtrToStringUTF8(text) ?? "").Trim();
}
