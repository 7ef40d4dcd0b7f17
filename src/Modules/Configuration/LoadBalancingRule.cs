using System.Net;
using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>Which packets a group shares, and by what. Null means every address, every port (<c>*</c>).</summary>
public sealed record LoadBalancingRule(
    IPAddress? VirtualAddress, int? Port, RuleProtocol Protocol, HashInput Filter, SourcePlace Place = default)
{
    /// <summary>How long a silent client still keeps its node when another one takes its share; null: not at all.</summary>
    public TimeSpan? AffinityTimeout { get; init; }
}
