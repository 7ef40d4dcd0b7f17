using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;

namespace SafeKit.Bench.Packets;

/// <summary>Turns a failed system call into words; above this nobody looks at errno.</summary>
internal static class Checked
{
    /// <summary>Returns the result of a call that answers a negative number when it fails.</summary>
    public static int Call(int result, string what) =>
        result >= 0
            ? result
            : throw new SafeKitException($"{Errno.Describe(what, Marshal.GetLastPInvokeError())}; the benchmark needs root");
}
