using SafeKit.Daemon.Farm;

namespace SafeKit.Daemon.Tests.Farm;

public class CarrierGateTests
{
    [Fact]
    public void ACableThatWasNeverLostNeedsNoPatience()
    {
        var gate = new CarrierGate();
        Assert.False(gate.Observe(carrier: true, 0));
        Assert.True(gate.Open);
    }

    [Fact]
    public void ALostCableClosesAtOnceAndOpensOnlyAfterItHasHeld()
    {
        var gate = new CarrierGate();
        gate.Observe(true, 0);
        Assert.True(gate.Observe(false, 1000));
        Assert.False(gate.Open);
        Assert.False(gate.Observe(true, 2000));
        Assert.False(gate.Observe(true, 2000 + CarrierGate.HoldMs - 1));
        Assert.False(gate.Open);
        Assert.True(gate.Observe(true, 2000 + CarrierGate.HoldMs));
        Assert.True(gate.Open);
    }

    [Fact]
    public void ACableThatFlickersIsCountedFromItsLastReturn()
    {
        var gate = new CarrierGate();
        gate.Observe(false, 0);
        gate.Observe(true, 100);
        gate.Observe(false, 300);
        gate.Observe(true, 400);
        Assert.False(gate.Observe(true, 100 + CarrierGate.HoldMs));
        Assert.False(gate.Open);
        Assert.True(gate.Observe(true, 400 + CarrierGate.HoldMs));
    }
}
