using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SafeKit.Filter.Tests.Support;

/// <summary>
/// Runs a test on a thread of its own in unnamed network and mount namespaces, which end with the thread: nothing is left
/// behind, whatever the test does. Namespaces belong to threads, so a pooled thread would carry them into other tests.
/// </summary>
internal static partial class Namespaces
{
    private const int CLONE_NEWNS = 0x20000;
    private const int CLONE_NEWNET = 0x40000000;
    private const nuint MS_REC_PRIVATE = 0x4000 | 0x40000;

    public static void Run(Action<NodeNamespace> test)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Check(unshare(CLONE_NEWNET | CLONE_NEWNS), "unshare");
                Check(mount("none", "/", null, MS_REC_PRIVATE, null), "make mounts private");
                using var node = new NodeNamespace();
                test(node);
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>What <paramref name="make"/> opens belongs to the network of the process, although it is used elsewhere.</summary>
    public static T InNetworkOf<T>(int processId, Func<T> make)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using SafeFileHandle file = File.OpenHandle($"/proc/{processId}/ns/net");
                Check(setns((int)file.DangerousGetHandle(), CLONE_NEWNET), "setns");
                result = make();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    private static void Check(int result, string what)
    {
        if (result != 0)
            throw new InvalidOperationException($"{what}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(int fd, int kind);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string? type, nuint flags, string? data);
}
