using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Stream;

public sealed partial class LeaderData
{
    /// <summary>What would have to be compared if the other node crashed now. There is one after <see cref="Prepare"/>.</summary>
    internal MarksPosition Marks => Own.Marks;

    /// <summary>Fills in what a primary knows. Waits for no disk and no network.</summary>
    public ReplicatedDataStatus FillStatus(ReplicatedDataStatus status)
    {
        if (_recorder is not { } recorder)
            return status;
        RecorderSizes sizes = recorder.Sizes;
        return status with
        {
            Role = DataRole.Leading,
            Standing = _store.Current.Standing,
            Paired = recorder.Mode == RecorderMode.Paired,
            Connected = _session is { Reason: null },
            Reintegration = _progress?.Snapshot,
            Operations = sizes.Operations,
            Bytes = sizes.Bytes,
            WindowBytes = sizes.WindowBytes,
            JournalOperations = sizes.JournalOperations,
            DirtyBytes = sizes.DirtyBytes,
            NetworkUs = recorder.NetworkUs,
            RemoteDiskUs = recorder.RemoteDiskUs,
        };
    }
}
