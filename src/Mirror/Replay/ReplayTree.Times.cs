using System.Runtime.InteropServices;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Replay;

/// <summary>
/// Modification times. Every operation moves those of its file and its directories on this node too, to the wrong value; the right ones are set when nobody could see
/// the difference any more otherwise, once for many operations.
/// </summary>
internal sealed unsafe partial class ReplayTree
{
    private const int PendingTimesMax = 4096;

    private readonly Dictionary<ulong, long> _times = [];

    public void RememberTimes(in OperationHeader header)
    {
        Remember(header.File, header.MtimeNs);
        Remember(header.Parent, header.ParentMtimeNs);
        Remember(header.OtherParent, header.OtherParentMtimeNs);
        if (_times.Count > PendingTimesMax)
            SettleTimes();
    }

    public void SettleTimes()
    {
        if (_times.Count == 0)
            return;
        foreach ((ulong id, long mtimeNs) in _times)
            SetTime(id, mtimeNs);
        _times.Clear();
    }

    public void SettleTimes(ulong id)
    {
        if (_times.Remove(id, out long mtimeNs))
            SetTime(id, mtimeNs);
    }

    private void Remember(ulong id, long mtimeNs)
    {
        if (mtimeNs == OperationHeader.NoTime || (id != FileId.Root && !_files.ContainsKey(id)))
            return;
        CollectionsMarshal.GetValueRefOrAddDefault(_times, id, out _) = mtimeNs;
    }

    private void SetTime(ulong id, long mtimeNs)
    {
        // A survey removes whole directories; what was in them needs no time any more.
        int descriptor = TryDescriptor(id);
        if (descriptor == -Errno.ESTALE)
            return;
        if (descriptor < 0)
            throw Failed("open_by_handle_at", id, -descriptor);
        Timespec* times = stackalloc Timespec[2];
        times[0] = Timespec.Omitted;
        times[1] = Timespec.Of(mtimeNs);
        byte empty = 0;
        if (LibC.utimensat(descriptor, &empty, times, LibC.AT_EMPTY_PATH | LibC.AT_SYMLINK_NOFOLLOW) != 0)
            throw Failed("utimensat", id, Errno.Last);
    }
}
