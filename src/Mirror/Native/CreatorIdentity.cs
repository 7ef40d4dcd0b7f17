namespace SafeKit.Mirror.Native;

/// <summary>
/// While it lasts, what this thread creates belongs to that user and group from its first moment on, and the thread can do all that root can
/// (setfsuid(2); capabilities(7), SECBIT_NO_SETUID_FIXUP). Of a thread that <see cref="Prepare"/> was not called on, or in vain, it changes nothing.
/// </summary>
internal readonly ref struct CreatorIdentity
{
    [ThreadStatic]
    private static bool _isPrepared;

    private readonly uint _user;
    private readonly uint _group;

    public CreatorIdentity(uint user, uint group)
    {
        if (!_isPrepared)
            return;
        _user = user;
        _group = group;
        if (group != 0)
            _ = LibC.setfsgid(group);
        if (user != 0)
            _ = LibC.setfsuid(user);
    }

    /// <summary>Once on each thread that creates: it gets a umask of its own, 0, and keeps its capabilities under another identity.</summary>
    public static void Prepare()
    {
        bool hasUmask = LibC.unshare(LibC.CLONE_FS) == 0;
        int bits = LibC.prctl(LibC.PR_GET_SECUREBITS, 0, 0, 0, 0);
        _isPrepared = bits >= 0 && LibC.prctl(LibC.PR_SET_SECUREBITS, (nuint)bits | LibC.SECBIT_NO_SETUID_FIXUP, 0, 0, 0) == 0;
        if (hasUmask)
            _ = LibC.umask(0);
    }

    /// <summary>Root again.</summary>
    public void Dispose()
    {
        if (_user != 0)
            _ = LibC.setfsuid(0);
        if (_group != 0)
            _ = LibC.setfsgid(0);
    }
}
