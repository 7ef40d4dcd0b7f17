using System.Reflection;
using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Filter.Layout;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>
/// The filter in the kernel, attached to nothing: programs, maps, and the maps' memory. Owns the libbpf object, which
/// owns the descriptors; disposing it leaves alive what is pinned or attached.
/// </summary>
internal sealed unsafe partial class LoadedFilter : IDisposable
{
    private const string ResourceName = "filter.bpf.o";

    private static readonly string[] _mapNames = ["control", "plans", "rows", "counters", "fragments", "routes", "members", "member_macs", "askers"];

    private nint _handle;

    private LoadedFilter(nint handle)
    {
        _handle = handle;
        Xdp = Program("safekit_xdp");
        XdpGeneric = Program("safekit_xdp_generic");
        Tc = Program("safekit_tc");
        Companion = Program("safekit_companion");
        TraceProgram = Program("safekit_trace");
        ClockProgram = Program("safekit_clock");
        Control = new SharedArray<ControlEntry>(Map("control"), 1);
        Plans = new SharedArray<PlanEntry>(Map("plans"), 2);
        Rows = new SharedArray<RowsEntry>(Map("rows"), Limits.GroupsMax * SharedLimits.VersionsPerGroup);
        Routes = new SharedArray<RoutesEntry>(Map("routes"), Limits.GroupsMax * SharedLimits.VersionsPerGroup);
    }

    public int Xdp { get; }

    public int XdpGeneric { get; }

    public int Tc { get; }

    public int Companion { get; }

    public int TraceProgram { get; }

    public int ClockProgram { get; }

    public SharedArray<ControlEntry> Control { get; }

    public SharedArray<PlanEntry> Plans { get; }

    public SharedArray<RowsEntry> Rows { get; }

    public SharedArray<RoutesEntry> Routes { get; }

    /// <summary>Loads the filter that is part of this assembly and relates the kernel's ticks to its clock.</summary>
    public static LoadedFilter Load()
    {
        byte[] image = ReadImage();
        LibBpfLog.Start();
        nint handle;
        fixed (byte* start = image)
            handle = LibBpf.bpf_object__open_mem(start, (nuint)image.Length, 0);
        if (handle == 0 || LibBpf.bpf_object__load(handle) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (handle != 0)
                LibBpf.bpf_object__close(handle);
            throw new SafeKitException($"{Errno.Describe("load the packet filter", errno)}: it needs root, Linux 6.1 or " +
                $"later and a kernel with BPF. {LibBpfLog.Take()}");
        }
        LibBpfLog.Take();
        var filter = new LoadedFilter(handle);
        TickClock.Relate(filter);
        return filter;
    }

    /// <summary>Descriptors of what is pinned, by the names of the pins.</summary>
    public IEnumerable<(string Name, int Fd)> Pinnable()
    {
        yield return ("xdp", Xdp);
        yield return ("xdp_generic", XdpGeneric);
        yield return ("tc", Tc);
        yield return ("companion", Companion);
        yield return ("trace", TraceProgram);
        foreach (string name in _mapNames)
            yield return (name, Map(name));
    }

    public void Dispose()
    {
        if (_handle == 0)
            return;
        Control.Dispose();
        Plans.Dispose();
        Rows.Dispose();
        Routes.Dispose();
        LibBpf.bpf_object__close(_handle);
        _handle = 0;
    }

    private static byte[] ReadImage()
    {
        using Stream? stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourceName);
        Invariant.That(stream is not null, "the packet filter is embedded in this assembly");
        byte[] image = new byte[stream.Length];
        stream.ReadExactly(image);
        return image;
    }

    private int Program(string name)
    {
        nint program = LibBpf.bpf_object__find_program_by_name(_handle, name);
        Invariant.That(program != 0, $"the filter has a program {name}");
        return LibBpf.bpf_program__fd(program);
    }

    private int Map(string name)
    {
        nint map = LibBpf.bpf_object__find_map_by_name(_handle, name);
        Invariant.That(map != 0, $"the filter has a map {name}");
        return LibBpf.bpf_map__fd(map);
    }
}
