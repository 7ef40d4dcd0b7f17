using System.Net;

namespace SafeKit.Modules;

/// <summary>A node on one lan. <see cref="Addr"/> is as written, <see cref="Address"/> what it resolved to.</summary>
public sealed record ClusterNodeAddress(
    string Name, string Addr, IPAddress Address, IPAddress? LocalAddress, SourcePlace Place = default)
{
    /// <summary>The address that this node itself binds to (<c>laddr</c> where NAT makes it differ).</summary>
    public IPAddress BindAddress => LocalAddress ?? Address;
}
