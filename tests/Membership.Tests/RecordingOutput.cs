using SafeKit.Core;

namespace SafeKit.Membership.Tests;

/// <summary>Remembers what the core wanted done.</summary>
internal sealed class RecordingOutput : IMembershipOutput
{
    public int Installed { get; private set; }

    public byte[] Rows { get; private set; } = [];

    public List<string> Order { get; } = [];

    public List<MembershipDecision> Decisions { get; } = [];

    public List<Heartbeat> Sent { get; } = [];

    public void InstallRows(ReadOnlySpan<byte> rows)
    {
        Installed++;
        Rows = rows.ToArray();
        Order.Add("rows");
    }

    public void SetLease(long untilNs) => Order.Add("lease");

    public void Remember(MembershipMemory memory)
    {
    }

    public void Send(NodeId to, ReadOnlySpan<byte> frame)
    {
        Order.Add("send");
        if (Heartbeat.TryParse(frame, out Heartbeat heartbeat))
            Sent.Add(heartbeat);
    }

    public void Decide(in MembershipDecision decision) => Decisions.Add(decision);
}
