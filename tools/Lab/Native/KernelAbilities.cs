using System.Runtime.InteropServices;

namespace SafeKit.Lab.Native;

/// <summary>Asks the kernel whether it lets this process use eBPF.</summary>
internal static class KernelAbilities
{
    private const int MapCreate = 0;
    private const uint MapTypeArray = 2;

    /// <summary>Why eBPF cannot be used; null when it can.</summary>
    public static unsafe string? BpfObstacle()
    {
        nint number = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 321,
            Architecture.Arm64 => 280,
            _ => -1,
        };
        if (number < 0)
            return $"the number of bpf(2) is not known on {RuntimeInformation.ProcessArchitecture}";
        // The head of union bpf_attr for BPF_MAP_CREATE: type, key size, value size, entries, flags.
        var attributes = stackalloc uint[] { MapTypeArray, 4, 4, 1, 0 };
        var descriptor = (int)Libc.syscall(number, MapCreate, attributes, 5 * sizeof(uint));
        if (descriptor < 0)
            return $"the kernel refuses eBPF: bpf(2) gives errno {Marshal.GetLastPInvokeError()}";
        _ = Libc.close(descriptor);
        return null;
    }
}
