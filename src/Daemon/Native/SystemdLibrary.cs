using System.Runtime.InteropServices;

namespace SafeKit.Daemon.Native;

/// <summary><c>systemd/sd-daemon.h</c> of libsystemd.so.0.</summary>
internal static partial class SystemdLibrary
{
    private const string Library = "libsystemd.so.0";

    [LibraryImport(Library, EntryPoint = "sd_notify", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Notify(int unsetEnvironment, string state);

    [LibraryImport(Library, EntryPoint = "sd_watchdog_enabled")]
    internal static partial int WatchdogEnabled(int unsetEnvironment, out ulong microseconds);
}
