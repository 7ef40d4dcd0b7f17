using SafeKit.Core.Native;

namespace SafeKit.Mirror.Fuse.Ring;

/// <summary>The rings of one connection: every processor has a queue, and FUSE goes over the rings once each queue has an entry.</summary>
internal sealed class RingSet : IDisposable
{
    /// <summary>More processors than this keep the device: every queue costs threads and buffers, used or not.</summary>
    private const int ProcessorsMax = 32;

    /// <summary>Of all queues together, where they are few.</summary>
    private const int EntriesGoal = 64;

    /// <summary>Threads that serve the same queue, so that one that waits for a disk does not stop a processor.</summary>
    private const int RingsPerQueue = 1;

    private const int EntriesMin = 4;
    private const int EntriesMax = 16;
    private const string Possible = "/sys/devices/system/cpu/possible";

    private readonly List<IoRing> _rings;
    private readonly int _entries;

    private readonly int _processors;

    private RingSet(int processors)
    {
        _rings = [];
        _processors = processors;
        _entries = Math.Clamp(EntriesGoal / (RingsPerQueue * processors), EntriesMin, EntriesMax);
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
        var set = new RingSet(processors);
        reason = $"fuse.enable_uring is set: {processors} queues of {RingsPerQueue * set._entries} requests";
        for (int i = 0; i < RingsPerQueue * processors; i++)
        {
            if (IoRing.TryCreate(2 * (set._entries + 1), out int errno) is not { } ring)
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
        List<RingSource> sources = [.. _rings.Select((ring, i) => new RingSource(device, (ushort)(i % _processors), _entries, ring))];
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
