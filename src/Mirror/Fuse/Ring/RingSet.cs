using System.Globalization;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Fuse.Ring;

/// <summary>The rings of one connection: every processor has a queue, and FUSE goes over the rings once each queue has an entry.</summary>
internal static class RingSet
{
    /// <summary>More processors than this keep the device: every queue costs threads and buffers, used or not.</summary>
    private const int ProcessorsMax = 32;

    /// <summary>Submissions that a thread may prepare at once.</summary>
    private const int Submissions = 64;

    private const string Possible = "/sys/devices/system/cpu/possible";

    /// <summary>
    /// One source for each queue, for a worker of its own; everything that can be refused is there when it returns. Null, with the reason, where
    /// the device is better.
    /// </summary>
    /// <param name="device">Descriptor of the connection.</param>
    public static List<RingSource>? TryCreate(int device, out string reason)
    {
        if (TryCountProcessors(out reason) is not { } processors)
            return null;
        if (processors > ProcessorsMax)
        {
            reason = $"{Possible} has {processors} processors, more than {ProcessorsMax}";
            return null;
        }
        var sources = new List<RingSource>();
        reason = $"fuse.enable_uring is set: a queue for each of {processors} processors";
        for (int i = 0; i < processors; i++)
        {
            if (TryCreateOne(device, (ushort)i, out string refusal) is not { } source)
            {
                sources.ForEach(created => created.Dispose());
                reason = refusal;
                return null;
            }
            sources.Add(source);
        }
        return sources;
    }

    /// <summary>How many processors a list like 0-3,8 names (Documentation/admin-guide/cputopology.rst).</summary>
    /// <exception cref="FormatException">It is no such list.</exception>
    internal static int Count(string list)
    {
        int count = 0;
        foreach (string range in list.Trim().Split(','))
        {
            string[] ends = range.Split('-');
            count += int.Parse(ends[^1], CultureInfo.InvariantCulture) - int.Parse(ends[0], CultureInfo.InvariantCulture) + 1;
        }
        return count;
    }

    private static int? TryCountProcessors(out string reason)
    {
        reason = "";
        try
        {
            return Count(File.ReadAllText(Possible));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            reason = $"{Possible} does not say how many processors there are: {e.Message}";
            return null;
        }
    }

    private static RingSource? TryCreateOne(int device, ushort queue, out string refusal)
    {
        refusal = "";
        if (IoRing.TryCreate(Submissions, out int errno) is not { } ring)
        {
            refusal = $"{Errno.Describe("io_uring_setup", errno)} (kernel.io_uring_disabled?)";
            return null;
        }
        int wake = LibC.eventfd(0, LibC.EFD_CLOEXEC);
        if (wake >= 0)
            return new RingSource(device, queue, ring, wake);
        refusal = $"{Errno.Describe("eventfd", Errno.Last)} (LimitNOFILE?)";
        ring.Dispose();
        return null;
    }
}
