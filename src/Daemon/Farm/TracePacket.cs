using System.Net;
using SafeKit.Core.Control;
using SafeKit.Filter;
namespace SafeKit.Daemon.Farm;
public sealed record TracePacket(IPAddress VirtualAddress)
{
    public static TracePacket From(TraceRequest r) => new(IPAddress.Parse(r.VirtualAddress));
    public byte[] Frame(MacAddress mac) => throw new NotSupportedException();
}
