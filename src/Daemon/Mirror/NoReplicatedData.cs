using SafeKit.Core;
using SafeKit.Mirror;
using SafeKit.Mirror.Generations;

namespace SafeKit.Daemon.Mirror;

/// <summary>The data of a mirror module without <c>&lt;rfs&gt;</c>: there is none, so it is always current.</summary>
public sealed class NoReplicatedData : IReplicatedData
{
    private DataRole _role;

    public GenerationRecord Record => GenerationRecord.Empty;

    public ReplicatedDataStatus Status => new() { Role = _role };

    public Task LeadAsync(LeadOrder order, CancellationToken cancel) => Become(DataRole.Leading);

    public Task FollowAsync(bool full, CancellationToken cancel) => Become(DataRole.Following);

    public Task PromoteAsync(CancellationToken cancel) => Become(DataRole.Leading);

    public void Detach(string rule)
    {
    }

    public void DeclareOutdated(string rule)
    {
    }

    public Task LeaveAsync(CancellationToken cancel) => Become(DataRole.None);

    public Task<VerifyReport> VerifyAsync(CancellationToken cancel) =>
        throw new SafeKitException("this module replicates no directory: it has no <rfs>");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task Become(DataRole role)
    {
        _role = role;
        return Task.CompletedTask;
    }
}
