using System.Diagnostics;
using System.Globalization;
using SafeKit.Bench.Packets.Native;
using SafeKit.Core;

namespace SafeKit.Bench.Packets;

/// <summary>BPF_PROG_RUN, with the time that the calling thread was really on its CPU.</summary>
internal static unsafe class TestRun
{
    public const uint XdpDrop = 1;
    public const uint XdpPass = 2;
    public const uint XdpTransmit = 3;
    public const uint TcxNext = uint.MaxValue;

    /// <summary>The kernel's own default; larger ones would overflow the ring of veth.</summary>
    private const uint LiveBatch = 64;

    private const int AttemptsMax = 5;

    /// <summary>An interruption longer than this share of a sample spoils it: caches are cold afterwards.</summary>
    private const double WaitShareMax = 0.01;

    /// <summary>Nanoseconds of CPU per run of the program on one and the same frame.</summary>
    /// <param name="program">Descriptor.</param>
    /// <param name="frame">What it gets.</param>
    /// <param name="repeat">How often.</param>
    /// <param name="expectedVerdict">What it must answer.</param>
    /// <param name="ifindex">On which interface the frame seems to have come in; 0: on lo.</param>
    public static double MeasureNs(int program, ReadOnlySpan<byte> frame, int repeat, uint expectedVerdict, uint ifindex = 0)
    {
        double ns = Measure(program, frame, repeat, isLive: false, ifindex, out uint verdict);
        if (verdict != expectedVerdict)
            throw new SafeKitException($"a program of the benchmark answered {verdict} instead of {expectedVerdict}");
        return ns;
    }

    /// <summary>Nanoseconds of CPU per frame that the program really sends, its reception included.</summary>
    public static double MeasureLiveNs(int program, ReadOnlySpan<byte> frame, int repeat) =>
        Measure(program, frame, repeat, isLive: true, 0, out _);

    private static double Measure(int program, ReadOnlySpan<byte> frame, int repeat, bool isLive, uint ifindex, out uint verdict)
    {
        for (int attempt = 1; ; attempt++)
        {
            long waitedBefore = ReadWaitNs();
            long start = Stopwatch.GetTimestamp();
            verdict = Run(program, frame, repeat, isLive, ifindex);
            long elapsedNs = Stopwatch.GetTimestamp() - start;
            long waitedNs = ReadWaitNs() - waitedBefore;
            if (waitedNs <= elapsedNs * WaitShareMax || attempt == AttemptsMax)
                return (elapsedNs - waitedNs) / (double)repeat;
        }
    }

    private static uint Run(int program, ReadOnlySpan<byte> frame, int repeat, bool isLive, uint ifindex)
    {
        var context = new XdpMetadata { DataEnd = (uint)frame.Length, IngressIfindex = ifindex };
        fixed (byte* data = frame)
        {
            var options = new BpfTestRunOptions
            {
                Size = (nuint)sizeof(BpfTestRunOptions),
                DataIn = data,
                DataSizeIn = (uint)frame.Length,
                ContextIn = ifindex == 0 ? null : &context,
                ContextSizeIn = ifindex == 0 ? 0 : (uint)sizeof(XdpMetadata),
                Repeat = repeat,
                Flags = isLive ? LibBpf.BPF_F_TEST_XDP_LIVE_FRAMES : 0,
                BatchSize = isLive ? LiveBatch : 0,
            };
            Checked.Call(LibBpf.bpf_prog_test_run_opts(program, &options), "run a program on a packet");
            return options.ReturnValue;
        }
    }

    /// <summary>
    /// How long the thread was ready and had no CPU. What interrupts do on top of it counts as its own, as it must: the
    /// receiving is done there. The thread's CPU time would leave it out on kernels that account interrupts apart.
    /// </summary>
    private static long ReadWaitNs() =>
        long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[1], CultureInfo.InvariantCulture);
}
