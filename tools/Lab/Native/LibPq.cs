using System.Runtime.InteropServices;

namespace SafeKit.Lab.Native;

/// <summary>The calls of libpq (package libpq5) that a client needs whose every wait is bounded; named as in libpq-fe.h.</summary>
internal static partial class LibPq
{
    public const int CONNECTION_OK = 0;
    public const int PGRES_POLLING_FAILED = 0;
    public const int PGRES_POLLING_READING = 1;
    public const int PGRES_POLLING_OK = 3;
    public const int PGRES_COMMAND_OK = 1;
    public const int PGRES_TUPLES_OK = 2;

    private const string Library = "libpq.so.5";

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint PQconnectStart(string settings);

    [LibraryImport(Library)]
    public static partial int PQconnectPoll(nint connection);

    [LibraryImport(Library)]
    public static partial int PQstatus(nint connection);

    [LibraryImport(Library)]
    public static partial int PQsocket(nint connection);

    [LibraryImport(Library)]
    public static partial nint PQerrorMessage(nint connection);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int PQsendQuery(nint connection, string query);

    [LibraryImport(Library)]
    public static partial int PQconsumeInput(nint connection);

    [LibraryImport(Library)]
    public static partial int PQisBusy(nint connection);

    [LibraryImport(Library)]
    public static partial nint PQgetResult(nint connection);

    [LibraryImport(Library)]
    public static partial int PQresultStatus(nint result);

    [LibraryImport(Library)]
    public static partial nint PQresultErrorMessage(nint result);

    [LibraryImport(Library)]
    public static partial int PQntuples(nint result);

    [LibraryImport(Library)]
    public static partial nint PQgetvalue(nint result, int row, int column);

    [LibraryImport(Library)]
    public static partial int PQnfields(nint result);

    [LibraryImport(Library)]
    public static partial void PQclear(nint result);

    [LibraryImport(Library)]
    public static partial void PQfinish(nint connection);
}
