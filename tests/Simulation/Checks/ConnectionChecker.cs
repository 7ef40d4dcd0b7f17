using SafeKit.Core;

namespace SafeKit.Simulation;

/// <summary>
/// F3, at every step: a node that acts takes the packets of every connection that its kernel holds, and nobody who acts on a view that
/// the holder has promised answers them with a reset.
/// </summary>
public sealed class ConnectionChecker(Cluster cluster)
{
    public void Check()
    {
        foreach (SimulatedNode holder in cluster.Nodes)
        {
            holder.Connections.RemoveAll(connection => connection.EndNs <= cluster.NowNs);
            foreach (SimulatedConnection connection in holder.Connections)
                Check(holder, connection);
        }
    }

    /// <summary>In the end no packet pays for a lookup: null, or what is left.</summary>
    public static string? LeftOver(Cluster cluster)
    {
        foreach (SimulatedNode node in cluster.Nodes)
        {
            int bucket = node.Filter.Rows.IndexOfAnyExcept((byte)RowFlags.None, (byte)RowFlags.Mine);
            if (node.Core is not null && bucket >= 0)
                return $"n{node.Index} has {(RowFlags)node.Filter.Rows[bucket]} for bucket {bucket}";
        }

        return null;
    }

    private void Check(SimulatedNode holder, SimulatedConnection connection)
    {
        int bucket = connection.Bucket;
        if (holder.Accepts && holder.Filter.Rows[bucket] == (byte)RowFlags.None)
            throw cluster.Violation("F3", $"n{holder.Index} takes nothing of bucket {bucket}, of which it holds a connection");
        if (holder.Core is null || holder.Promised is null)
            return;
        foreach (SimulatedNode other in cluster.Nodes)
        {
            if (other == holder || !other.Accepts || other.Active?.Id != holder.Promised.Id)
                continue;
            if (other.Filter.WouldReset(connection))
                throw cluster.Violation(
                    "F3", $"n{other.Index} resets a connection of bucket {bucket} that n{holder.Index} holds, both in {other.Active}");
        }
    }
}
