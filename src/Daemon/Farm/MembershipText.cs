using System.Text;
using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Membership;

namespace SafeKit.Daemon.Farm;

/// <summary>The membership's snapshot with names instead of numbers.</summary>
public static class MembershipText
{
    public static MembershipState Of(MembershipSnapshot snapshot, MembershipSettings settings, IReadOnlyList<string> names)
    {
        var view = snapshot.Active;
        return new MembershipState(
            MonotonicClock.ToMs(MonotonicClock.NowNs - snapshot.TakenNs),
            view is null ? "" : Named(view.Id.ToString(), names),
            view is null ? "" : names[view.Leader.Index],
            snapshot.LeaseRemainingMs,
            settings.LeaseMs,
            settings.AbsenceMsMax,
            Named(snapshot.LastDecision.ToString(), names),
            [.. names.Select((name, i) => Member(snapshot, new NodeId((byte)i), name))]);
    }

    /// <summary>The protocol's own names of nodes are their numbers (n0, n1, ...): put the real names in their place.</summary>
    public static string Named(string text, IReadOnlyList<string> names)
    {
        var named = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var end = i + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            var isNode = text[i] == 'n'
                && end > i + 1
                && (i == 0 || !char.IsLetterOrDigit(text[i - 1]))
                && (end == text.Length || !char.IsLetter(text[end]));
            if (isNode && int.TryParse(text.AsSpan(i + 1, end - i - 1), out var number) && number < names.Count)
            {
                named.Append(names[number]);
                i = end - 1;
            }
            else
            {
                named.Append(text[i]);
            }
        }

        return named.ToString();
    }

    private static MemberState Member(MembershipSnapshot snapshot, NodeId node, string name)
    {
        var view = snapshot.Active;
        var peer = snapshot.Peers.FirstOrDefault(p => p.Node == node);
        var heardAgoMs = node == snapshot.Self ? 0 : peer?.HeardAgoMs is >= 0 ? peer.HeardAgoMs : (double?)null;
        return new MemberState(
            name,
            view?.Contains(node) ?? false,
            Serving(view, node),
            heardAgoMs,
            view is null ? 0 : 100.0 * view.Table.CountOf(0, node) / Limits.BucketsPerGroup);
    }

    private static bool Serving(View? view, NodeId node)
    {
        foreach (var member in view is null ? [] : view.Members)
        {
            if (member.Node == node)
                return member.Serving;
        }

        return false;
    }
}
