using SafeKit.Core.Native;

namespace SafeKit.Mirror.Fuse.Ring;

/// <summary>The rings of one connection: every processor has a queue, and FUSE goes over the rings once each queue has an entry.</summary>
internal sealed class RingSet : IDisposable
{
    /// <summary>More processors than this keep the device: every queue costs threads and buffers, used or not.</summary>
    private const int ProcessorsMax = 32;

    /// <summary>Submissions that a thread may prepare at once.</summary>
    private const int Submissions = 64;

    private const string Possible = "/sys/devices/system/cpu/possible";

    private readonly List<IoRing> _rings = [];

    private RingSet()
    {
    }

    /// <summary>Creates what the kernel's offer needs. Null, with the reason, where the device is better.</summary>
    public static RingSet? TryCreate(out string reason)
    {
        int processors = Count(File.ReadAllText(Possible));
        if (processors > ProcessorsMax)
        {
            reason = $"{Possible} has {processors} processors, more than {ProcessorsMax}";
            return null;
        }
        var set = new RingSet();
        reason = $"fuse.enable_uring is set: a queue for each of {processors} processors";
        for (int i = 0; i < processors; i++)
        {
            if (IoRing.TryCreate(Submissions, out int errno) is not { } ring)
            {
                set.Dispose();
                reason = $"{Errno.Describe("io_uring_setup", errno)} (kernel.io_uring_disabled?)";
                return null;
            }
            set._rings.Add(ring);
        }
        return set;
    }

    /// <summary>One source for each queue, for a worker of its own. They own the rings.</summary>
    public List<RingSource> Begin(int device)
    {
        List<RingSource> sources = [.. _rings.Select((ring, i) => new RingSource(device, (ushort)i, ring))];
        _rings.Clear();
        return sources;
    }

    public void Dispose()
    {
        foreach (IoRing ring in _rings)
            ring.Dispose();
        _rings.Clear();
    }

    /// <summary>How many processors a list like 0-3,8 names (Documentation/admin-guide/cputopology.rst).</summary>
    internal static int Count(string list)
    {
        int count = 0;
        foreach (string range in list.Trim().Split(','))
        {
            string[] ends = range.Split('-');
            count += int.Parse(ends[^1], System.Globalization.CultureInfo.InvariantCulture)
                - int.Parse(ends[0], System.Globalization.CultureInfo.InvariantCulture) + 1;
        }
        return count;
    }
}
