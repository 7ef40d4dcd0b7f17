using System.Globalization;
using System.Net;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// Counts the TCP connections of this node's kernel to given local addresses, from <c>/proc/net/tcp</c> and
/// <c>/proc/net/tcp6</c> (proc(5)). TIME_WAIT does not count: nothing of the application is left in it.
/// </summary>
public static class ConnectionCounter
{
    private const int StateListen = 10;
    private const int StateTimeWait = 6;
    private const int StateClose = 7;

    public static int Count(IReadOnlyCollection<IPAddress> localAddresses)
    {
        var wanted = localAddresses.Select(HexAddress).ToHashSet(StringComparer.Ordinal);
        foreach (var v4 in localAddresses.Where(a => a.GetAddressBytes().Length == 4))
            wanted.Add(HexAddress(v4.MapToIPv6()));
        return CountIn("/proc/net/tcp", wanted) + CountIn("/proc/net/tcp6", wanted);
    }

    private static int CountIn(string file, HashSet<string> wanted) =>
        File.Exists(file) ? File.ReadLines(file).Skip(1).Count(line => IsConnection(line, wanted)) : 0;

    private static bool IsConnection(string line, HashSet<string> wanted)
    {
        var fields = line.Split(' ', 5, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 5 || !int.TryParse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var state))
            return false;
        return state is not (StateListen or StateTimeWait or StateClose)
            && wanted.Contains(fields[1][..fields[1].IndexOf(':', StringComparison.Ordinal)]);
    }

    /// <summary>The kernel prints each 32-bit word of an address in the machine's byte order.</summary>
    private static string HexAddress(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        var words = Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToUInt32(bytes, 4 * i));
        return string.Concat(words.Select(w => w.ToString("X8", CultureInfo.InvariantCulture)));
    }
}
