using SafeKit.Core;

namespace SafeKit.Membership.Tests;

/// <summary>A wire between two cores that allocates nothing once it is warm.</summary>
internal sealed class PipeOutput : IMembershipOutput
{
    private readonly byte[][] _frames = [.. Enumerable.Range(0, 256).Select(_ => new byte[Limits.DatagramBytesMax])];
    private readonly int[] _lengths = new int[256];
    private int _count;

    public void InstallRows(ReadOnlySpan<byte> rows)
    {
    }

    public void SetLease(long untilNs)
    {
    }

    public void Remember(MembershipMemory memory)
    {
    }

    public void Send(NodeId to, ReadOnlySpan<byte> frame)
    {
        frame.CopyTo(_frames[_count]);
        _lengths[_count++] = frame.Length;
    }

    public void Decide(in MembershipDecision decision)
    {
    }

    public void DrainInto(MembershipCore core, long nowNs, IMembershipOutput answers)
    {
        for (int i = 0; i < _count; i++)
            core.Receive(_frames[i].AsSpan(0, _lengths[i]), nowNs, answers);
        _count = 0;
    }
}
