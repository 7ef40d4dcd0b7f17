using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse;

namespace SafeKit.Mirror.FileSystem;

/// <summary>
/// Whether the disk below a tree takes what applications change: they get its errors, and the administrator is told, once, and when it is over.
/// </summary>
internal sealed class DiskTrouble(string path, Action<string> tell)
{
    /// <summary>A disk that is full now and then is one line in this time.</summary>
    private const long QuietNs = 60_000 * MonotonicClock.NanosecondsPerMillisecond;

    private readonly Lock _lock = new();
    private volatile string? _text;
    private bool _isTold;
    private int _toldErrno;
    private long _toldNs;

    /// <summary>What is wrong and what to do; null: nothing is known to be.</summary>
    public string? Text => _text;

    /// <summary>What became of a change; 0: it was made.</summary>
    public void Note(FuseOpcode opcode, int errno)
    {
        if (errno != 0 ? DiskRemedy.Of(errno) is null : _text is null || !NeedsRoom(opcode))
            return;
        lock (_lock)
        {
            if (errno != 0)
                Begin(opcode, errno);
            else
                End();
        }
    }

    /// <summary>What a full disk takes as well says nothing.</summary>
    private static bool NeedsRoom(FuseOpcode opcode) => opcode is not (FuseOpcode.Unlink or FuseOpcode.RmDir or FuseOpcode.SetAttr
        or FuseOpcode.RemoveXattr or FuseOpcode.Fsync);

    private void Begin(FuseOpcode opcode, int errno)
    {
        _text = $"{path}: the application gets errors of the disk: {Errno.Describe($"{opcode}".ToLowerInvariant(), errno)}; {DiskRemedy.Of(errno)}";
        long now = MonotonicClock.NowNs;
        if (errno == _toldErrno && now - _toldNs < QuietNs)
            return;
        (_isTold, _toldErrno, _toldNs) = (true, errno, now);
        tell(_text);
    }

    private void End()
    {
        _text = null;
        if (_isTold)
            tell($"{path}: the disk takes changes again");
        _isTold = false;
    }
}
