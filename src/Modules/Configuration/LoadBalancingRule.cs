using System.Net;
using SafeKit.Core;

namespace SafeKit.Modules;

/// <summary>Which packets a group shares, and by what. Null means every address, every port (<c>*</c>).</summary>
public sealed record LoadBalancingRule(
    IPAddress? VirtualAddress, int? Port, RuleProtocol Protocol, HashInput Filter, SourcePlace Place = default);
