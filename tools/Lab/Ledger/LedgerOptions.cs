using SafeKit.Lab.Mirror;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Ledger;

/// <summary>Who writes what how often.</summary>
public sealed record LedgerOptions
{
    public string Settings { get; init; } =
        $"host={LabAddresses.Virtual4} port={Postgres.Port} user={Postgres.User} dbname=postgres connect_timeout=10";

    /// <summary>Writers that keep their connection as long as it works.</summary>
    public int Writers { get; init; } = 4;

    /// <summary>Pause of a writer between two commits.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>No answer for so long: the connection is given up and a new one tried. More than a busy machine takes for a commit.</summary>
    public TimeSpan CommitLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The same for the prober, a writer with a new connection for each row, whose short waits show when service is back.
    /// </summary>
    public TimeSpan ProbeLimit { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan ConnectLimit { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan ProbePause { get; init; } = TimeSpan.FromMilliseconds(25);
}
