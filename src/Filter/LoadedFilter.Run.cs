using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Filter.Layout;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>Running the programs on synthetic packets, and reading the counters.</summary>
internal sealed unsafe partial class LoadedFilter
{
    /// <summary>The kernel refuses shorter ones in a test run; no network carries them either.</summary>
    public const int FrameBytesMin = 14;

    /// <summary>A test run returns the packet too; as long as the longest that is put in.</summary>
    private const int FrameBytesMax = 4096;

    /// <summary>Runs one of the programs, as if the frame had come on the interface (0: loopback).</summary>
    public static uint Run(int program, ReadOnlySpan<byte> frame, uint ifindex, int repeat, out uint durationNs)
    {
        var context = new XdpContext { DataEnd = (uint)frame.Length, IngressIfindex = ifindex };
        fixed (byte* data = frame)
        {
            var options = new BpfTestRunOptions
            {
                Size = (nuint)sizeof(BpfTestRunOptions),
                DataIn = data,
                DataSizeIn = (uint)frame.Length,
                Repeat = repeat,
            };
            if (ifindex != 0)
            {
                options.ContextIn = &context;
                options.ContextSizeIn = (uint)sizeof(XdpContext);
            }
            if (LibBpf.bpf_prog_test_run_opts(program, &options) != 0)
                throw new SafeKitException(Errno.Describe("run the packet filter on a packet", Marshal.GetLastPInvokeError()));
            durationNs = options.DurationNs;
            return options.ReturnValue;
        }
    }

    /// <summary>The frame as the program left it.</summary>
    public static byte[] RunForFrame(int program, ReadOnlySpan<byte> frame) => RunForFrame(program, frame, out _);

    /// <summary>The frame as the program left it, and what the program returned.</summary>
    public static byte[] RunForFrame(int program, ReadOnlySpan<byte> frame, out uint action)
    {
        byte[] result = new byte[FrameBytesMax];
        fixed (byte* data = frame, output = result)
        {
            var options = new BpfTestRunOptions
            {
                Size = (nuint)sizeof(BpfTestRunOptions),
                DataIn = data,
                DataSizeIn = (uint)frame.Length,
                DataOut = output,
                DataSizeOut = FrameBytesMax,
                Repeat = 1,
            };
            if (LibBpf.bpf_prog_test_run_opts(program, &options) != 0)
                throw new SafeKitException(Errno.Describe("run the packet filter on a packet", Marshal.GetLastPInvokeError()));
            action = options.ReturnValue;
            return result[..(int)options.DataSizeOut];
        }
    }

    /// <summary>
    /// The trace program packs the next node (7 bits), reason (5), group (8) and bucket (12) into its return value. The group is its
    /// place; null where none decided.
    /// </summary>
    public TraceVerdict Trace(ReadOnlySpan<byte> frame, uint ifindex)
    {
        uint packed = Run(TraceProgram, frame, ifindex, 1, out _);
        var reason = (FilterReason)(packed >> 20 & 0x1f);
        byte group = (byte)(packed >> 12);
        int? next = reason.Verdict() == FilterVerdict.Forward ? (int)(packed >> 25) : null;
        return group == SharedLimits.NoGroup
            ? new TraceVerdict(reason, null, null, next)
            : new TraceVerdict(reason, group, (int)(packed & 0xfff), next);
    }

    /// <summary>Packets by reason, all CPUs together.</summary>
    public long[] ReadCounters()
    {
        long[] sums = SumCounters();
        return sums[..SharedLimits.ReasonsMax];
    }

    /// <summary>SYNs that the filter has answered, by slot, all CPUs together.</summary>
    public long[] ReadCookies()
    {
        long[] sums = SumCounters();
        // The programs of a former daemon, where they could not be replaced, do not count them.
        return sums.Length < SharedLimits.ReasonsMax + SharedLimits.SlotsMax
            ? new long[SharedLimits.SlotsMax]
            : sums[SharedLimits.ReasonsMax..(SharedLimits.ReasonsMax + SharedLimits.SlotsMax)];
    }

    private long[] SumCounters()
    {
        int cpus = LibBpf.libbpf_num_possible_cpus();
        Invariant.That(cpus > 0, "there is a CPU");
        int counters = Rounded(InfoOf(_fdOf("counters")).ValueSize) / sizeof(ulong);
        ulong[] perCpu = new ulong[cpus * counters];
        uint zero = 0;
        fixed (ulong* values = perCpu)
        {
            if (LibBpf.bpf_map_lookup_elem(_fdOf("counters"), &zero, values) != 0)
                throw new SafeKitException(Errno.Describe("read the filter's counters", Marshal.GetLastPInvokeError()));
        }
        long[] sums = new long[counters];
        for (int i = 0; i < perCpu.Length; i++)
            sums[i % counters] += (long)perCpu[i];
        return sums;
    }
}
