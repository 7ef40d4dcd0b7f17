using SafeKit.Modules;

namespace SafeKit.Simulation.Mirrors;

/// <summary>Crashes, pauses, cuts, slow and failing disks, and what administrators type.</summary>
internal sealed class MirrorFaults(MirrorWorld world)
{
    /// <summary>
    /// A cut of one direction or a pause is no split; two of them soon after each other may be: then each node may rightly believe the other dead.
    /// </summary>
    private const long RecoveryNs = 10 * MirrorWorld.Second;

    private long _isolatedUntilNs;
    private bool _isOver = true;

    public void Start()
    {
        _isOver = false;
        Next();
    }

    /// <summary>
    /// The most delicate moment: a node is about to learn that it may lead. The primary dies in it, later the new one, and then the first comes back alone.
    /// </summary>
    public void OnPairing(MirrorNode primary)
    {
        if (_isOver || !world.Random.Chance(0.05))
            return;
        MirrorNode other = world.Other(primary);
        world.At(world.Ms(0, 2 * world.Options.ApplyMsMax), () => Restart(primary, losesPower: true, world.Ms(7000, 9000)));
        world.At(world.Ms(5000, 7000), () => Restart(other, losesPower: true, world.Ms(10_000, 12_000)));
    }

    /// <summary>The primary is not heard any more, and dies a moment later: its last changes never arrive, and its disk has some of them.</summary>
    public void OnCheckpoint(MirrorNode primary)
    {
        if (_isOver || world.NowNs < _isolatedUntilNs || !world.Random.Chance(0.02))
            return;
        long heardNs = world.Ms(0, 40);
        long untilDeathNs = heardNs + (world.Random.Chance(0.5) ? world.Ms(1, 200) : world.Ms(20, 1500));
        Isolate(
            untilDeathNs + 1,
            () => world.At(heardNs, () => world.SetCut(primary.Index, true)),
            () => world.SetCut(primary.Index, false),
            $"{primary.Name} is soon not heard, and is going to die");
        world.At(untilDeathNs, () => Restart(primary, losesPower: true, world.Ms(7000, 9000)));
    }

    public void Stop()
    {
        _isOver = true;
        world.LossRate = 0;
        world.SetCut(0, false);
        world.SetCut(1, false);
        foreach (MirrorNode node in world.Nodes)
        {
            (node.IsDiskSlow, node.Data.RefusesRecords) = (false, false);
            node.Resume();
            node.Boot();
        }
    }

    private void Next() => world.At(world.Random.Range(world.Options.FaultEveryNs / 5, world.Options.FaultEveryNs * 9 / 5), () =>
    {
        if (_isOver)
            return;
        One(world.Nodes[world.Random.Range(0, 2)]);
        Next();
    });

    private void One(MirrorNode node)
    {
        switch (world.Random.Range(0, 22))
        {
            case < 3:
                Isolate(world.Ms(300, 8000), () => world.SetCut(node.Index, true), () => world.SetCut(node.Index, false), $"{node.Name} is not heard");
                break;
            case < 6:
                bool isFrozen = world.Random.Chance(0.5);
                Isolate(world.Ms(100, 8000), () => node.Pause(isFrozen), node.Resume, "");
                break;
            case < 8:
                Restart(node, losesPower: false, world.Ms(50, 4000));
                break;
            case < 10:
                Restart(node, losesPower: true, world.Ms(300, 8000));
                break;
            case 10:
                Split();
                break;
            case 11:
                For(world.Ms(1000, 5000), () => node.IsDiskSlow = true, () => node.IsDiskSlow = false);
                break;
            case 12:
                For(world.Ms(500, 3000), () => node.Data.RefusesRecords = true, () => node.Data.RefusesRecords = false);
                break;
            case < 15 when node.Leader is { } leader && !node.IsPaused:
                world.Log("connection reset");
                leader.Reset();
                break;
            case 15:
                Isolate(world.Ms(500, 3000), () => world.LossRate = 0.3, () => world.LossRate = world.Options.LossRate, "heartbeats are lost");
                break;
            default:
                Order(node);
                break;
        }
    }

    private void Order(MirrorNode node)
    {
        switch (world.Random.Range(0, 8))
        {
            case < 3:
                node.Order(new MirrorEvent.Swap());
                break;
            case 3:
                node.Order(new MirrorEvent.Restart());
                break;
            case 4:
                node.Order(new MirrorEvent.StopStart());
                break;
            case 5:
                foreach (MirrorNode each in world.Nodes)
                    For(world.Ms(200, 4000), () => each.Order(new MirrorEvent.Stop()), () => each.Order(new MirrorEvent.Start()));
                break;
            default:
                For(world.Ms(200, 6000), () => node.Order(new MirrorEvent.Stop()), () => node.Order(new MirrorEvent.Start()));
                break;
        }
    }

    private void Isolate(long durationNs, Action begin, Action end, string text)
    {
        bool isSecond = world.NowNs < _isolatedUntilNs;
        if (isSecond && !world.Options.HasSplits)
            return;
        if (isSecond)
            world.Checks.Split("the second cut or pause in a short time");
        _isolatedUntilNs = Math.Max(_isolatedUntilNs, world.NowNs + durationNs + RecoveryNs);
        if (text.Length > 0)
            world.Log(text);
        For(durationNs, begin, end);
    }

    private void Split()
    {
        if (!world.Options.HasSplits)
            return;
        world.Checks.Split("nothing is heard in either direction");
        _isolatedUntilNs = world.NowNs + RecoveryNs;
        For(
            world.Ms(500, 10_000),
            () =>
            {
                world.SetCut(0, true);
                world.SetCut(1, true);
            },
            () =>
            {
                world.SetCut(0, false);
                world.SetCut(1, false);
            });
    }

    private void Restart(MirrorNode node, bool losesPower, long afterNs)
    {
        if (_isOver)
            return;
        node.Kill(losesPower);
        world.At(afterNs, () =>
        {
            node.Boot();
            node.Order(new MirrorEvent.Start());
        });
    }

    private void For(long durationNs, Action begin, Action end)
    {
        begin();
        world.At(durationNs, () =>
        {
            if (!_isOver)
                end();
        });
    }
}
