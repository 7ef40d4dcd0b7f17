using SafeKit.Core;

namespace SafeKit.Membership;

/// <summary>From a table to the rows of this node's filter.</summary>
public sealed partial class MembershipCore
{
    private readonly byte[] _rows;
    private bool _rowsInstalled;
    private bool _rowsDelayed;

    internal ReadOnlySpan<byte> Rows => _rows;

    /// <summary>
    /// The rows while a view is promised but not yet acquired. Whatever is lost here may still have connections here,
    /// whether or not the table knows (after a partition it does not). Resets that are held back for a node that the new view leaves out
    /// stay held back until it is fenced, which is when this node acquires.
    /// </summary>
    private void KeepRowsOf(View view, bool retain, long nowNs)
    {
        ReadOnlySpan<byte> owners = view.Table.Owners;
        for (int i = 0; i < _rows.Length; i++)
        {
            byte held = (byte)(_rows[i] & (byte)RowFlags.HoldResets);
            bool mine = IsMine(i) && retain && owners[i] == _self.Index;
            SetRow(i, mine, view, nowNs);
            if (mine)
                _rows[i] |= held;
        }
    }

    private void TakeRowsOf(View view, long nowNs)
    {
        ReadOnlySpan<byte> owners = view.Table.Owners;
        for (int i = 0; i < _rows.Length; i++)
            SetRow(i, owners[i] == _self.Index, view, nowNs);
    }

    /// <summary>No packet that opens a connection is taken any more; those of established ones are.</summary>
    private void DropRows(long nowNs)
    {
        for (int i = 0; i < _rows.Length; i++)
        {
            if (IsMine(i))
                SetRow(i, mine: false, null, nowNs);
        }
    }

    private bool IsMine(int bucket) => ((RowFlags)_rows[bucket]).HasFlag(RowFlags.Mine);

    /// <summary>One row from what this node and the others say of the bucket (rules hold-resets, may-hold).</summary>
    private void SetRow(int bucket, bool mine, View? view, long nowNs)
    {
        if (mine)
        {
            _mayHold[bucket] = true;
            _holdsAny = true;
            bool held = view is not null && HeldByOthers(view, bucket) != UInt128.Zero;
            _rows[bucket] = (byte)(held ? RowFlags.Mine | RowFlags.HoldResets : RowFlags.Mine);
            return;
        }

        if (IsMine(bucket))
            _lostNs[bucket] = nowNs;
        _rows[bucket] = (byte)(_mayHold[bucket] ? RowFlags.MayHoldConnections : RowFlags.None);
    }

    /// <summary>What the others hold has become less: resets that need not be held back any more are sent again.</summary>
    private void RefreshHeldRows(int start, int count, long nowNs, IMembershipOutput output)
    {
        if (_active is null || _active != _promised)
            return;
        bool changed = false;
        for (int i = start; i < start + count; i++)
        {
            byte before = _rows[i];
            if (before != (byte)(RowFlags.Mine | RowFlags.HoldResets))
                continue;
            SetRow(i, mine: true, _active, nowNs);
            changed |= _rows[i] != before;
        }

        if (changed)
            InstallRows(output);
    }

    private void InstallRowsBeforeReport(IMembershipOutput output)
    {
        if (Mistaken(ProtocolMistake.ReportBeforeInstalling) && _rowsInstalled)
            _rowsDelayed = true;
        else
            InstallRows(output);
    }

    private void InstallRows(IMembershipOutput output)
    {
        _rowsInstalled = true;
        _rowsDelayed = false;
        output.InstallRows(_rows);
    }
}
