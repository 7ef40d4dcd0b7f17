using System.Threading.Channels;

namespace SafeKit.Membership.Tests;

/// <summary>Stands for the daemon; tests await what it is told.</summary>
internal sealed class HeartSink : IHeartSink
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly Channel<string> _told = Channel.CreateUnbounded<string>();
    private long _leaseUntilNs;

    public long LeaseUntilNs => Interlocked.Read(ref _leaseUntilNs);

    public bool FailOnLease { get; init; }

    public async Task UntilToldAsync(string wanted)
    {
        using var limit = new CancellationTokenSource(_patience);
        var seen = new List<string>();
        try
        {
            while (true)
            {
                string told = await _told.Reader.ReadAsync(limit.Token);
                seen.Add(told);
                if (told == wanted)
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"'{wanted}' was not told, but: {string.Join(", ", seen)}");
        }
    }

    public void SetLease(long untilMonotonicNs)
    {
        if (FailOnLease && untilMonotonicNs != 0)
            throw new IOException("the map is gone");
        Interlocked.Exchange(ref _leaseUntilNs, untilMonotonicNs);
        _told.Writer.TryWrite(untilMonotonicNs == 0 ? "no lease" : "lease");
    }

    public void PeerHeard(HeartContent content, ulong incarnation) =>
        _told.Writer.TryWrite(content.Has(HeartMarks.LeftInGoodOrder) ? "left" : $"heard {content.State}");

    public void PeerLost() => _told.Writer.TryWrite("lost");

    public void LateChanged(bool late) => _told.Writer.TryWrite(late ? "late" : "punctual");

    public void LanChanged(int lan, bool up) => _told.Writer.TryWrite($"lan{lan} {(up ? "up" : "down")}");

    public void Log(in MembershipDecision decision) => _told.Writer.TryWrite($"rule {decision.Rule}");
}
