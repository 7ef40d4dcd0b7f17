using System.Net;
using System.Text.Json;
using SafeKit.Core;
using SafeKit.Filter;

namespace SafeKit.Daemon.Farm;

/// <summary>A part of the filter as it is written down for the next daemon: what it finds in the kernel, and whose it is.</summary>
public sealed record KeptPart(int Slot, string Module, IReadOnlyList<string> Groups, IReadOnlyList<KeptAddress> Addresses)
{
    public static KeptPart Of(int slot, FilterPart part) => new(
        slot,
        part.Module,
        [.. part.Groups],
        [.. part.Addresses.Select(a => new KeptAddress(
            a.Address.ToString(),
            a.Interface,
            a.VirtualMac.ToString(),
            a.IsDirected,
            a.Self,
            a.AnswersSyns,
            [.. a.Rules.Select(r => new KeptRule((int)r.Protocol, r.Port, (int)r.Input, r.Group, r.NotesActivity))]))]);

    public FilterPart Part() => new(
        Module,
        [.. Addresses.Select(a => new FilterAddress(
            IPAddress.Parse(a.Address),
            a.Interface,
            MacAddress.Parse(a.VirtualMac),
            [.. a.Rules.Select(RuleOf)])
        {
            IsDirected = a.IsDirected,
            Self = a.Self,
            AnswersSyns = a.AnswersSyns,
        })],
        Groups);

    private static FilterRule RuleOf(KeptRule rule) => new((RuleProtocol)rule.Protocol, rule.Port, (HashInput)rule.Input, rule.Group)
    {
        NotesActivity = rule.NotesActivity,
    };

    /// <summary>Equal text, equal parts.</summary>
    public string Text() => JsonSerializer.Serialize(this, KeptJson.Default.KeptPart);
}
