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
    /// whether or not the table knows (after a partition it does not).
    /// </summary>
    private void KeepRowsOf(View view, bool retain)
    {
        ReadOnlySpan<byte> owners = view.Table.Owners;
        ReadOnlySpan<byte> formers = view.Table.Formers;
        for (int i = 0; i < _rows.Length; i++)
        {
            var row = (RowFlags)_rows[i];
            if (row.HasFlag(RowFlags.Mine) && retain && owners[i] == _self.Index)
                row |= formers[i] != BucketTable.Nobody ? RowFlags.HoldResets : RowFlags.None;
            else if (row.HasFlag(RowFlags.Mine))
                row = RowFlags.MayHoldConnections;
            if (formers[i] == _self.Index)
                row |= RowFlags.MayHoldConnections;
            _rows[i] = (byte)row;
        }
    }

    private void TakeRowsOf(View view)
    {
        ReadOnlySpan<byte> owners = view.Table.Owners;
        ReadOnlySpan<byte> formers = view.Table.Formers;
        for (int i = 0; i < _rows.Length; i++)
        {
            if (owners[i] == _self.Index)
                _rows[i] = (byte)(formers[i] == BucketTable.Nobody ? RowFlags.Mine : RowFlags.Mine | RowFlags.HoldResets);
            else if (formers[i] == _self.Index)
                _rows[i] = (byte)RowFlags.MayHoldConnections;
            else
                _rows[i] &= (byte)RowFlags.MayHoldConnections;
        }
    }

    /// <summary>No packet that opens a connection is taken any more; those of established ones are.</summary>
    private void DropRows()
    {
        for (int i = 0; i < _rows.Length; i++)
        {
            if (((RowFlags)_rows[i]).HasFlag(RowFlags.Mine))
                _rows[i] = (byte)RowFlags.MayHoldConnections;
        }
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
