using System.Reflection;
using SafeKit.Bench.Packets.Native;
using SafeKit.Core;

namespace SafeKit.Bench.Packets;

/// <summary>The programs of <c>ebpf/bench.bpf.c</c> in the kernel. Owns the libbpf object and the links it made.</summary>
internal sealed unsafe class BenchPrograms : IDisposable
{
    private readonly nint _handle;

    private BenchPrograms(nint handle)
    {
        _handle = handle;
        Pass = Program("bench_pass");
        Drop = Program("bench_drop");
        PassThird = Program("bench_third");
        Next = Program("bench_next");
        Generate = Program("bench_generate");
        Vary = Program("bench_vary");
        Traffic = Map("traffic");
        Varied = Map("varied");
        Behind = Map("behind");
        Turns = Map("turns");
    }

    /// <summary>Nothing but XDP_PASS.</summary>
    public int Pass { get; }

    /// <summary>Nothing but XDP_DROP.</summary>
    public int Drop { get; }

    /// <summary>Nothing but XDP_PASS for every third packet, XDP_DROP for the others.</summary>
    public int PassThird { get; }

    /// <summary>Nothing but TCX_NEXT, at tc.</summary>
    public int Next { get; }

    /// <summary>Gives each frame another client and sends it on.</summary>
    public int Generate { get; }

    /// <summary>Makes each repeat of a test run a packet of another client, and goes on with the program in <see cref="Behind"/>.</summary>
    public int Vary { get; }

    /// <summary>The map with <see cref="TrafficSettings"/>.</summary>
    public int Traffic { get; }

    /// <summary>The map of <see cref="VariedClient"/>.</summary>
    public int Varied { get; }

    /// <summary>The map with the one program that runs behind <see cref="Vary"/>.</summary>
    public int Behind { get; }

    /// <summary>The map that says how many of <see cref="Varied"/> take turns.</summary>
    public int Turns { get; }

    public static BenchPrograms Load()
    {
        using Stream? stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("bench.bpf.o");
        Invariant.That(stream is not null, "the programs of the benchmark are embedded in this assembly");
        byte[] image = new byte[stream.Length];
        stream.ReadExactly(image);
        fixed (byte* start = image)
        {
            nint handle = LibBpf.bpf_object__open_mem(start, (nuint)image.Length, 0);
            Checked.Call(handle == 0 ? -1 : LibBpf.bpf_object__load(handle), "load the programs of the benchmark");
            return new BenchPrograms(handle);
        }
    }

    /// <summary>Attaches a program to an interface in the driver; returns the link, which lasts as long as its descriptor.</summary>
    public static int Attach(int program, uint ifindex)
    {
        var options = new BpfLinkCreateOptions { Size = (nuint)sizeof(BpfLinkCreateOptions), Flags = LibBpf.XDP_FLAGS_DRV_MODE };
        return Checked.Call(LibBpf.bpf_link_create(program, (int)ifindex, LibBpf.BPF_XDP, &options), "attach to veth");
    }

    public void Dispose() => LibBpf.bpf_object__close(_handle);

    private int Map(string name)
    {
        nint map = LibBpf.bpf_object__find_map_by_name(_handle, name);
        Invariant.That(map != 0, $"the benchmark has a map {name}");
        return LibBpf.bpf_map__fd(map);
    }

    private int Program(string name)
    {
        nint program = LibBpf.bpf_object__find_program_by_name(_handle, name);
        Invariant.That(program != 0, $"the benchmark has a program {name}");
        return LibBpf.bpf_program__fd(program);
    }
}
