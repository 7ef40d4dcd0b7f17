namespace SafeKit.Mirror.FileSystem;

/// <summary>
/// How much of the machine's memory for unwritten data a mount may fill. The kernel gives a FUSE mount 1 % of it, because it does not trust its daemon,
/// and makes writers wait for the daemon beyond that. Here the daemon's own writes are never made to wait for the mount's (PR_SET_IO_FLUSHER), and the
/// limit stays strict: data that wait for a slow network cannot take the memory of other disks.
/// </summary>
internal static class WriteBackShare
{
    /// <summary>Percent of what /proc/sys/vm/dirty_ratio gives (Documentation/ABI/testing/sysfs-class-bdi, max_ratio).</summary>
    public const int Percent = 50;

    /// <summary>Sets it for the mount at a path. Null, or why it stays as the kernel has it: then writing is slower, and nothing else.</summary>
    public static string? Raise(string path)
    {
        if (MountTable.Device(path) is not { } device)
            return $"{path}: /proc/self/mountinfo does not show the mount; buffered writing keeps the kernel's limit of 1 % of the memory for it";
        string parameter = ParameterOf(device);
        try
        {
            File.WriteAllText(parameter, $"{Percent}");
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{path}: buffered writing keeps the kernel's limit of 1 % of the memory for it: {exception.Message} ({parameter}); "
                + "mount /sys writable for the daemon to make it quicker";
        }
    }

    internal static string ParameterOf(string device) => $"/sys/class/bdi/{device}/max_ratio";
}
