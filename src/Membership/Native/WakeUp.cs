using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;

namespace SafeKit.Membership.Native;

/// <summary>An eventfd: other threads wake the membership thread out of its wait. Owns the descriptor.</summary>
internal sealed unsafe class WakeUp : IDisposable
{
    public WakeUp()
    {
        Fd = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        if (Fd < 0)
            throw new SafeKitException(Errno.Describe("cannot create an eventfd", Marshal.GetLastPInvokeError()));
    }

    public int Fd { get; private set; }

    public void Signal()
    {
        ulong one = 1;
        _ = Libc.write(Fd, (byte*)&one, sizeof(ulong));
    }

    public void Clear()
    {
        ulong count;
        _ = Libc.read(Fd, (byte*)&count, sizeof(ulong));
    }

    public void Dispose()
    {
        if (Fd >= 0)
            _ = Libc.close(Fd);
        Fd = -1;
    }
}
