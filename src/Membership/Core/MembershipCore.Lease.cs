using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>Until when this node may act, and until when another one may.</summary>
public sealed partial class MembershipCore
{
    /// <summary>The instant of the local clock until which the filter may take packets; what the output was told last.</summary>
    public long LeaseUntilNs { get; private set; }

    /// <summary>For the simulator: how far the lease rests on the active view.</summary>
    internal long ActiveLeaseUntilNs { get; private set; }

    /// <summary>For the simulator: the view whose members' acknowledgements gave the lease its present end.</summary>
    internal View? LeaseGround { get; private set; }

    /// <summary>When the silent peer's lease must have ended, as far as this node prolonged it.</summary>
    private long FenceEndsNs(PeerState peer) =>
        peer.LeaseHeardNs == long.MinValue ? long.MinValue : peer.LeaseHeardNs + _settings.FenceNs;

    /// <summary>
    /// Rule lease: every other member has acknowledged, under this very view, a heartbeat that we sent under it; the
    /// oldest of these sending times counts. Sending time, because the member counts from when it heard.
    /// </summary>
    private long PromisedLeaseNs(long nowNs)
    {
        long sentNs = nowNs;
        if (Mistaken(ProtocolMistake.RenewWithoutAcknowledgement))
            return sentNs + _settings.LeaseNs;
        foreach (ViewMember member in _promised!.Members)
        {
            if (member.Node == _self)
                continue;
            PeerState peer = _peers[member.Node.Index]!;
            if (peer.Incarnation != member.Incarnation || peer.AckedSentNs == long.MinValue)
                return long.MinValue;
            sentNs = Math.Min(sentNs, peer.AckedSentNs);
        }

        return sentNs + _settings.LeaseNs;
    }

    private void UpdateLease(long nowNs, IMembershipOutput output)
    {
        if (_promised is null || _active is null)
            return;
        if (_active != _promised && nowNs >= LeaseUntilNs)
        {
            // What was retained from the old view needs an unbroken lease: others may have taken it over since.
            _active = null;
            DropRows(nowNs);
            InstallRows(output);
            Remember(output);
            _announce = true;
            Decide(output, "lease-lost", $"promised={_promised.Id}");
            return;
        }

        long leaseNs = PromisedLeaseNs(nowNs);
        if (leaseNs > LeaseUntilNs && leaseNs > nowNs)
            SetLease(leaseNs, output);
    }

    private void SetLease(long untilNs, IMembershipOutput output)
    {
        if (_active == _promised)
            ActiveLeaseUntilNs = untilNs;
        LeaseGround = _promised;
        LeaseUntilNs = untilNs;
        output.SetLease(untilNs);
    }
}
