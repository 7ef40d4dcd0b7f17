using System.Runtime.InteropServices;

namespace SafeKit.Core.Native;

/// <summary>errno values of <c>asm-generic/errno.h</c> that the code distinguishes, and their text.</summary>
public static partial class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int ENXIO = 6;
    public const int EAGAIN = 11;
    public const int EBUSY = 16;
    public const int EEXIST = 17;
    public const int ENODEV = 19;
    public const int EINVAL = 22;
    public const int ERANGE = 34;
    public const int ENOLINK = 67;
    public const int EOPNOTSUPP = 95;

    /// <summary>"what: text (errno n)", the form in which every failed system call is reported.</summary>
    public static string Describe(string what, int errno) =>
        $"{what}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})";
}
