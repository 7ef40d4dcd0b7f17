namespace SafeKit.Simulation.Mirrors;

/// <summary>
/// One connection of the replication, as TCP has it: in order, delayed while the network is cut, given up by either end after a silence.
/// </summary>
internal sealed class DataConnection
{
    private const long RetryNs = 20 * MirrorWorld.Millisecond;
    private const long PingNs = 400 * MirrorWorld.Millisecond;

    private readonly MirrorWorld _world;
    private readonly End _leader;
    private readonly End _follower;

    public DataConnection(MirrorWorld world, LeaderModel leader, FollowerModel follower, long silenceNs)
    {
        _world = world;
        Leader = leader;
        follower.Attach(this);
        _leader = new End(leader.Node, () => leader.OnClosed(this)) { HeardNs = world.NowNs };
        _follower = new End(follower.Node, () => follower.OnClosed(this)) { HeardNs = world.NowNs };
        Watch(_leader, _follower, silenceNs);
        Watch(_follower, _leader, silenceNs);
    }

    public LeaderModel Leader { get; }

    public bool IsOpenAtFollower => _follower.IsOpen;

    public void SendToFollower(Action receive) => Send(_leader, _follower, receive);

    public void SendToLeader(Action receive) => Send(_follower, _leader, receive);

    public void CloseAtLeader() => Close(_leader, _follower);

    public void CloseAtFollower() => Close(_follower, _leader);

    /// <summary>The process of this node has ended: its kernel says so, unless the whole machine has gone.</summary>
    public void Die(MirrorNode node, bool silently)
    {
        (End own, End other) = node == _leader.Node ? (_leader, _follower) : (_follower, _leader);
        if (!own.IsOpen)
            return;
        own.IsOpen = false;
        if (!silently)
            Deliver(own, other, () => Lose(other));
    }

    private void Send(End from, End to, Action receive)
    {
        if (from.IsOpen)
            Deliver(from, to, receive);
    }

    private void Deliver(End from, End to, Action receive)
    {
        long dueNs = Math.Max(_world.NowNs + _world.NetworkDelayNs(), to.LastDueNs);
        to.LastDueNs = dueNs;
        to.Queue.Enqueue((dueNs, receive));
        _world.At(dueNs - _world.NowNs, () => Pump(from, to));
    }

    private void Pump(End from, End to)
    {
        while (to.Queue.TryPeek(out (long DueNs, Action Receive) next) && next.DueNs <= _world.NowNs)
        {
            if (_world.IsCut(from.Node))
            {
                _world.At(RetryNs, () => Pump(from, to));
                return;
            }

            to.Queue.Dequeue();
            to.Node.Later(0, () => Receive(to, next.Receive));
        }
    }

    private void Receive(End to, Action receive)
    {
        if (!to.IsOpen)
            return;
        to.HeardNs = _world.NowNs;
        receive();
    }

    private void Close(End own, End other)
    {
        if (!own.IsOpen)
            return;
        own.IsOpen = false;
        Deliver(own, other, () => Lose(other));
    }

    private static void Lose(End end)
    {
        if (!end.IsOpen)
            return;
        end.IsOpen = false;
        end.OnClosed();
    }

    private void Watch(End own, End other, long silenceNs) => own.Node.Later(PingNs, () =>
    {
        if (!own.IsOpen)
            return;
        if (_world.NowNs - own.HeardNs > silenceNs)
        {
            Close(own, other);
            own.OnClosed();
            return;
        }

        Deliver(own, other, () => { });
        Watch(own, other, silenceNs);
    });

    private sealed class End(MirrorNode node, Action onClosed)
    {
        public MirrorNode Node { get; } = node;

        public Action OnClosed { get; } = onClosed;

        public bool IsOpen { get; set; } = true;

        public long HeardNs { get; set; }

        public long LastDueNs { get; set; }

        public Queue<(long DueNs, Action Receive)> Queue { get; } = [];
    }
}
