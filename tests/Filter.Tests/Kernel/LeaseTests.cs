using SafeKit.Core;
using SafeKit.Filter.Tests.Decision;
using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Kernel;

/// <summary>The lease in the kernel: exact at its end, whatever the ticks say.</summary>
public sealed class LeaseTests
{
    [RootFact]
    public void NothingIsTakenAfterTheEnd()
    {
        using var kernel = new KernelNode();
        kernel.Set(World.State());
        byte[] frame = PacketTable.All["IPv4 TCP SYN to a port with a rule"].Frame;
        long untilNs = MonotonicClock.NowNs + MonotonicClock.FromMs(120);
        kernel.Filter.Control[0].Slots[World.WebSlot].LeaseUntilNs = untilNs;
        int taken = 0;
        while (true)
        {
            long beforeNs = MonotonicClock.NowNs;
            FilterReason reason = kernel.Trace(frame).Reason;
            if (reason == FilterReason.LeaseExpired)
                break;
            Assert.Equal(FilterReason.Taken, reason);
            Assert.True(beforeNs < untilNs, "taken although the lease had ended before the packet was decided");
            taken++;
        }
        Assert.True(MonotonicClock.NowNs >= untilNs, "refused before the end of the lease");
        Assert.True(taken > 0, "nothing was taken while the lease held");
    }

    [RootFact]
    public void ASlotHasItsOwnLease()
    {
        using var kernel = new KernelNode();
        DecisionState state = World.State();
        state.LeasesUntilNs[World.NameSlot] = 0;
        kernel.Set(state);
        Assert.Equal(FilterReason.Taken, kernel.Trace(PacketTable.All["IPv4 TCP SYN to a port with a rule"].Frame).Reason);
        Assert.Equal(FilterReason.LeaseExpired, kernel.Trace(PacketTable.All["IPv4 UDP to a port with a rule"].Frame).Reason);
    }

    [RootFact]
    public void TicksAreUnderstood()
    {
        using var kernel = new KernelNode();
        Assert.InRange(kernel.Filter.Control[0].JiffyNs, 1_000_000UL, 10_000_000UL);
    }

    [RootFact]
    public void ALaterFragmentNeedsTheLeaseToo()
    {
        using var kernel = new KernelNode();
        PacketRow row = PacketTable.All["IPv4 later fragment follows"];
        kernel.Set(World.State());
        Assert.True(kernel.Passes(row.Before[0]));
        kernel.Set(World.State(leaseMs: -1));
        Assert.Equal(FilterReason.LeaseExpired, kernel.Trace(row.Frame).Reason);
        Assert.False(kernel.Passes(row.Frame));
    }
}
