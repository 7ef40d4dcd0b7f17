namespace SafeKit.Simulation;

/// <summary>
/// One seed: a time of faults in which safety must hold, then everything is healed and the cluster must become whole, then
/// one calm change that must disturb nobody whom it does not concern.
/// </summary>
public sealed class ChaosRun
{
    private const long MsNs = 1_000_000;
    private const long ChaosNs = 6_000 * MsNs;

    private readonly Cluster _cluster;
    private readonly SimulationRandom _random;
    private bool _healed;

    public ChaosRun(SimulationOptions options, TextWriter? trace = null)
    {
        _cluster = new Cluster(options, trace);
        _random = _cluster.Random;
    }

    /// <summary>Throws <see cref="SimulationViolation"/> if an invariant breaks.</summary>
    public void Run()
    {
        foreach (SimulatedNode node in _cluster.Nodes)
            _cluster.At(_random.Range(0L, 400 * MsNs), node.Start);
        ScheduleNextFault(_random.Range(200 * MsNs, 1500 * MsNs));
        _cluster.RunFor(ChaosNs);
        // Sometimes the last faults stand for long: what is then still wrong is not a matter of time.
        if (_random.Chance(0.25))
            _cluster.RunFor(_cluster.MergeBoundNs + ChaosNs / 4);
        HealAndConverge();
        new CalmChange(_cluster).Run();
        EndConnections();
    }

    /// <summary>Once no connection is left anywhere, nothing is held back and nothing looked up any more.</summary>
    private void EndConnections()
    {
        _cluster.Traffic.Quiet();
        long orphanNs = (_cluster.Options.SettleMs + 2_000) * MsNs;
        if (!_cluster.RunUntilTrue(() => _cluster.Traffic.Abandoned is null, orphanNs, 20 * MsNs))
            throw _cluster.Violation("F3", $"a connection of bucket {_cluster.Traffic.Abandoned!.Bucket} that nobody has gets no reset");
        _cluster.Traffic.End();
        long boundNs = 4_000 * MsNs;
        if (!_cluster.RunUntilTrue(() => ConnectionChecker.LeftOver(_cluster) is null, boundNs, 20 * MsNs))
            throw _cluster.Violation("F3", $"{boundNs / MsNs} ms after the last connection ended: {ConnectionChecker.LeftOver(_cluster)}");
    }

    private void HealAndConverge()
    {
        _cluster.Trace(null, "heal everything");
        _cluster.Network.Heal(_cluster.NowNs);
        _cluster.Network.LossRate = 0;
        _healed = true;
        foreach (SimulatedNode node in _cluster.Nodes)
        {
            node.Resume();
            node.KillWithin(int.MaxValue);
            if (node.Core is null || node.Core.Snapshot(node.LocalNs).Leaving)
            {
                node.Kill();
                node.Start();
            }

            node.Order(core => core.SetServing(true, node.LocalNs, node));
        }

        // With affinity, shares are exact only once idle buckets have moved.
        long idleNs = _cluster.Nodes[0].Settings.Groups.Any(group => group.HasAffinity) ? 8_000 * MsNs : 0;
        long boundNs = 8 * _cluster.Nodes[0].Settings.LeaseNs + (3 * _cluster.Options.StragglerNsMax) + idleNs;
        _cluster.RunFor(boundNs);
        bool whole = _cluster.RunUntilTrue(() => ConvergenceChecker.Missing(_cluster) is null, boundNs);
        if (!whole)
            throw _cluster.Violation("F2", $"not whole {2 * boundNs / MsNs} ms after everything was healed: {ConvergenceChecker.Missing(_cluster)}");
    }

    private void ScheduleNextFault(long atNs)
    {
        if (atNs > ChaosNs - (200 * MsNs))
            return;
        _cluster.At(atNs, () =>
        {
            InjectFault();
            long pauseNs = _cluster.Options.Churn ? _random.Range(10 * MsNs, 200 * MsNs) : _random.Range(20 * MsNs, 700 * MsNs);
            ScheduleNextFault(_cluster.NowNs + pauseNs);
        });
    }

    private void InjectFault()
    {
        SimulatedNode node = _cluster.Nodes[_random.Range(0, _cluster.Nodes.Length)];
        if (_cluster.Options.Churn && _random.Chance(0.9))
        {
            MoveSeveral();
            return;
        }

        switch (_random.Range(0, 15))
        {
            case 0 or 1:
                CutOneWay(node);
                break;
            case 2:
                Partition();
                break;
            case 3:
                _cluster.Trace(null, "heal the network");
                _cluster.Network.Heal(_cluster.NowNs);
                break;
            case 4 or 5:
                PauseFor(node, _random.Range(20 * MsNs, 1500 * MsNs));
                break;
            case 6:
                StopFor(node, node.Kill);
                break;
            case 7:
                StopFor(node, node.PowerOff);
                break;
            case 8:
                bool serving = _random.Chance(0.5);
                node.Order(core => core.SetServing(serving, node.LocalNs, node));
                break;
            case 9:
                LeaveAndDepart(node);
                break;
            case 10:
                CutPair(node);
                break;
            case 11 or 12:
                RestartWithin(node);
                break;
            case 13:
                PauseFor(node, _random.Range(20 * MsNs, 1500 * MsNs));
                RestartWithin(node);
                break;
            default:
                LoseManyFor(_random.Range(50 * MsNs, 800 * MsNs));
                break;
        }
    }

    /// <summary>Several nodes are drained or come back at once, each by its own order.</summary>
    private void MoveSeveral()
    {
        ulong concerned = _random.Next();
        ulong serving = _random.Next();
        foreach (SimulatedNode node in _cluster.Nodes)
        {
            if ((concerned >> node.Index & 1) != 0)
                node.Order(core => core.SetServing((serving >> node.Index & 1) != 0, node.LocalNs, node));
        }
    }

    private void CutOneWay(SimulatedNode node)
    {
        int to = _random.Range(0, _cluster.Nodes.Length);
        bool allLans = _random.Chance(0.7);
        int lan = _random.Range(0, _cluster.Options.Lans);
        _cluster.Trace(node, $"cut towards n{to}{(allLans ? "" : $" on lan {lan}")}");
        for (int i = 0; i < _cluster.Options.Lans; i++)
        {
            if (to != node.Index && (allLans || i == lan))
                _cluster.Network.SetCut(i, node.Index, to, true, _cluster.NowNs);
        }
    }

    private void CutPair(SimulatedNode node)
    {
        int other = _random.Range(0, _cluster.Nodes.Length);
        _cluster.Trace(node, $"cut from n{other} both ways");
        for (int lan = 0; lan < _cluster.Options.Lans && other != node.Index; lan++)
        {
            _cluster.Network.SetCut(lan, node.Index, other, true, _cluster.NowNs);
            _cluster.Network.SetCut(lan, other, node.Index, true, _cluster.NowNs);
        }
    }

    private void Partition()
    {
        ulong side = _random.Next();
        _cluster.Trace(null, $"partition {string.Join("", _cluster.Nodes.Select(node => side >> node.Index & 1))}");
        foreach (SimulatedNode a in _cluster.Nodes)
        {
            foreach (SimulatedNode b in _cluster.Nodes)
            {
                for (int lan = 0; lan < _cluster.Options.Lans && (side >> a.Index & 1) != (side >> b.Index & 1); lan++)
                    _cluster.Network.SetCut(lan, a.Index, b.Index, true, _cluster.NowNs);
            }
        }
    }

    private void PauseFor(SimulatedNode node, long durationNs)
    {
        if (node.Core is null || node.Paused)
            return;
        node.Pause();
        _cluster.At(_cluster.NowNs + durationNs, node.Resume);
    }

    private void StopFor(SimulatedNode node, Action stop)
    {
        if (node.Core is null)
            return;
        stop();
        _cluster.At(_cluster.NowNs + _random.Range(5 * MsNs, 1500 * MsNs), () => StartIfStopped(node));
    }

    /// <summary>The process dies, perhaps in the middle of a turn, and the next one finds what it wrote, or an older copy of it.</summary>
    private void RestartWithin(SimulatedNode node)
    {
        if (node.Core is null)
            return;
        if (_random.Chance(0.5))
            node.Kill();
        else
            node.KillWithin(_random.Range(0, 12));
        int copy = _random.Chance(0.2) ? _random.Range(1, 7) : 0;
        long leaseNs = node.Settings.LeaseNs;
        // An older copy is stale only if the lease that it speaks of has ended.
        long awayNs = copy > 0 ? leaseNs + _random.Range(1 * MsNs, 1000 * MsNs) : _random.Range(1 * MsNs, leaseNs + (200 * MsNs));
        _cluster.At(_cluster.NowNs + awayNs, () =>
        {
            if (node.Core is not null && !node.IsDying)
                return;
            node.Kill();
            node.StartAgain(copy);
        });
    }

    private void LeaveAndDepart(SimulatedNode node)
    {
        node.Order(core => core.Leave(node.LocalNs, node));
        _cluster.At(_cluster.NowNs + _random.Range(1 * MsNs, 600 * MsNs), () =>
        {
            // The application has stopped by then, and its connections are closed.
            node.Connections.Clear();
            node.Order(core => core.Depart(node.LocalNs, node));
        });
        _cluster.At(_cluster.NowNs + _random.Range(700 * MsNs, 1500 * MsNs), () =>
        {
            if (node.Core is not null)
                node.Kill();
            StartIfStopped(node);
        });
    }

    private void LoseManyFor(long durationNs)
    {
        _cluster.Trace(null, "heavy loss");
        _cluster.Network.LossRate = 0.5;
        _cluster.At(_cluster.NowNs + durationNs, () => _cluster.Network.LossRate = _healed ? 0 : _cluster.Options.LossRate);
    }

    private static void StartIfStopped(SimulatedNode node)
    {
        if (node.Core is null)
            node.Start();
    }
}
