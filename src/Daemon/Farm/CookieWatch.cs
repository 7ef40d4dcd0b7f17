using System.Globalization;
using SafeKit.Core;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// Whether this kernel made SYN cookies lately, for itself or for the filter: only then a handshake can be under way of which no socket tells. From
/// the counter <c>TCPReqQFullDoCookies</c> of <c>/proc/net/netstat</c> (proc(5)), which grows in either case before the cookie leaves;
/// <c>SyncookiesSent</c> grows for the kernel's own alone.
/// </summary>
public sealed class CookieWatch
{
    private const string File = "/proc/net/netstat";
    private const string Counter = "TCPReqQFullDoCookies";
    private long _sent = -1;
    private long _changedNs = long.MinValue / 2;

    /// <summary>Looks again; call it at least once in <paramref name="periodNs"/>.</summary>
    public bool SentWithin(long periodNs, long nowNs)
    {
        var sent = Read();
        if (sent != _sent)
            (_changedNs, _sent) = (_sent < 0 ? _changedNs : nowNs, sent);
        return nowNs - _changedNs < periodNs;
    }

    private static long Read()
    {
        var lines = System.IO.File.ReadAllLines(File);
        for (var i = 0; i + 1 < lines.Length; i += 2)
        {
            var column = Array.IndexOf(lines[i].Split(' '), Counter);
            if (column > 0)
                return long.Parse(lines[i + 1].Split(' ')[column], CultureInfo.InvariantCulture);
        }

        return 0;
    }
}
