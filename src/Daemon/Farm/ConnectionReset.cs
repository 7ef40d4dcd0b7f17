using System.Net;
using SafeKit.Core;
using SafeKit.Daemon.Logging;
using SafeKit.Daemon.Native;
using SafeKit.Filter;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// <c>tcpreset="on"</c>: before virtual addresses are taken away every connection of theirs is reset, so that clients notice at once, and
/// not when they next send something. It reaches connections of programs that go on running, too.
/// </summary>
public static class ConnectionReset
{
    /// <summary>What the kernel refuses is told in the module's log; the addresses go all the same.</summary>
    /// <returns>How many were reset.</returns>
    public static int Run(IEnumerable<FilterAddress> addresses, ModuleLog log)
    {
        var own = addresses.Select(address => address.Address).ToHashSet();
        try
        {
            var count = SocketDiag.Reset(local => own.Contains(new IPAddress(local)));
            if (count > 0)
                log.Event("vip", $"rule=tcpreset {count} connection(s) reset");
            return count;
        }
        catch (SafeKitException e)
        {
            log.Critical("vip", $"rule=tcpreset connections that are left cannot be reset, their clients notice later: {e.Message}");
            return 0;
        }
    }
}
