using SafeKit.Mirror.Recording;
using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>What the machine asks for, and the application that the scripts start.</summary>
internal sealed partial class MirrorNode
{
    private bool _runsApplication;
    private int _applicationRun;

    private void Perform(MirrorAction action)
    {
        switch (action)
        {
            case MirrorAction.RunScript run:
                RunScript(run);
                break;
            case MirrorAction.StartLeading(var order):
                StartLeading(order);
                break;
            case MirrorAction.StartFollowing(var isFull):
                Follower = new FollowerModel(this, isFull);
                break;
            case MirrorAction.Promote:
                Promote();
                break;
            case MirrorAction.Detach(var rule):
                World.Log($"{Name}: detach: {rule}");
                Leader?.Detach();
                break;
            case MirrorAction.DeclareOutdated:
                Later(DiskNs(), () => Follower?.DeclareOutdated(() => Post(new MirrorEvent.OutdatedDeclared())));
                break;
            case MirrorAction.StopData:
                StopData();
                break;
            case MirrorAction.SetVirtualAddress:
                Later(World.Ms(1, 10), () => Step(new MirrorEvent.AddressSet()));
                break;
            case MirrorAction.RemoveVirtualAddress:
                LeaseEndNs = 0;
                Later(World.Ms(1, 10), () => Step(new MirrorEvent.AddressRemoved()));
                break;
            case MirrorAction.Announce:
                Beat();
                break;
            case MirrorAction.Log log when log.Rule != "heartbeat":
                World.Log($"{Name}: {log.Rule}: {log.Text}");
                break;
        }
    }

    private void RunScript(MirrorAction.RunScript run)
    {
        if (run.Name == "stop_prim")
            _runsApplication = false;
        Later(World.Random.Chance(0.1) ? World.Ms(50, 400) : World.Ms(1, 20), () =>
        {
            if (run.Name == "start_prim")
                StartApplication();
            Step(new MirrorEvent.ScriptEnded(run.Name, 0));
        });
    }

    private void StartLeading(MirrorLeadOrder order)
    {
        Leader = new LeaderModel(this, order);
        if (!Leader.IsReady)
        {
            Leader = null;
            return;
        }

        World.Checks.OnLead(this, order != MirrorLeadOrder.Current);
        Later(World.Ms(1, 50), () => Step(new MirrorEvent.DataLeading()));
    }

    private void Promote()
    {
        string? problem = Follower?.Promote() ?? (Follower is null ? "nobody follows" : null);
        if (problem is null)
        {
            (Checkpoint Older, Checkpoint Newer) applied = Follower!.AppliedSince;
            Follower = null;
            Leader = new LeaderModel(this, MirrorLeadOrder.Current, applied);
            problem = Leader.IsReady ? null : "the disk refuses the record";
        }

        if (problem is not null)
        {
            Later(World.Ms(1, 50), () => Step(new MirrorEvent.PromoteFailed(problem)));
            return;
        }

        World.Checks.OnLead(this, isForced: false);
        Later(World.Ms(1, 50), () => Step(new MirrorEvent.Promoted()));
    }

    private void StopData()
    {
        void Done()
        {
            (Leader, Follower) = (null, null);
            Later(World.Ms(1, 20), () => Step(new MirrorEvent.DataStopped()));
        }

        if (Leader is not null)
            Leader.Leave(Done);
        else if (Follower is not null)
            Follower.Leave(Done);
        else
            Done();
    }

    private void StartApplication()
    {
        _runsApplication = true;
        int run = ++_applicationRun;
        Later(World.Ms(1, 50), () => Write(run));
    }

    /// <summary>The application writes, asks for some of it to be safe, and tells its client once it is.</summary>
    private void Write(int run)
    {
        if (!_runsApplication || run != _applicationRun || Leader is not { } leader)
            return;
        long write = ++World.LastWrite;
        if (World.Random.Chance(0.3))
        {
            leader.TryWrite(write, null);
            Later(World.Ms(5, 80), () => Write(run));
            return;
        }

        int life = _life;
        bool isLetIn = leader.TryWrite(write, () =>
        {
            if (life != _life || leader != Leader)
                return;
            World.Checks.OnAcknowledged(this, write);
            Later(World.Ms(5, 150), () => Write(run));
        });
        if (!isLetIn)
            Later(World.Ms(50, 100), () => Write(run));
    }
}
