using SafeKit.Core.Native;

namespace SafeKit.Mirror.Replay;

/// <summary>An operation cannot be applied here. The session ends; nothing after it is applied.</summary>
internal sealed class ReplayException : Exception
{
    /// <summary>The disk refused.</summary>
    /// <param name="what">The call and the path.</param>
    public ReplayException(string what, int errno)
        : base(Native(what, errno))
    {
        Errno = errno;
    }

    /// <summary>The operation makes no sense here: the primary speaks of what this node does not know.</summary>
    public ReplayException(string protocolError)
        : base(protocolError)
    {
        Errno = Core.Native.Errno.EINVAL;
        IsProtocolError = true;
    }

    public int Errno { get; }

    /// <summary>The stream does not fit what this node knows: the map of file ids is of no use any more.</summary>
    public bool IsProtocolError { get; }

    /// <summary>The name or the file is not as it is on the primary: the same operation fails for ever, and only a survey helps.</summary>
    public bool MeansOtherTree => Errno is Core.Native.Errno.ENOENT
        or Core.Native.Errno.EEXIST
        or Core.Native.Errno.ENOTDIR
        or Core.Native.Errno.EISDIR
        or Core.Native.Errno.ENOTEMPTY
        or Core.Native.Errno.ENODATA
        or Core.Native.Errno.ESTALE;

    private static string Native(string what, int errno) => Core.Native.Errno.Describe(what, errno);
}
