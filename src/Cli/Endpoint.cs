using System.Net;
using SafeKit.Core;

namespace SafeKit.Cli;

/// <summary>An address and a port as an administrator types them.</summary>
public static class Endpoint
{
    public static IPEndPoint Parse(string text, bool portNeeded)
    {
        if (IPAddress.TryParse(text, out var alone) && (!portNeeded || text.Contains("::", StringComparison.Ordinal)))
        {
            return portNeeded
                ? throw new SafeKitException($"'{text}' has no port: write [{text}]:PORT")
                : new IPEndPoint(alone, 0);
        }

        if (IPEndPoint.TryParse(text, out var endpoint) && (!portNeeded || endpoint.Port != 0))
            return endpoint;
        throw new SafeKitException(
            $"'{text}' is not an address{(portNeeded ? " with a port" : "")}: "
                + "write 192.0.2.1:80 or [2001:db8::1]:80");
    }
}
