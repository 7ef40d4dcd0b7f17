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

    private static readonly string[] _programNames = ["xdp", "xdp_generic", "tc", "companion", "trace", "clock"];
    private static readonly string[] _mapNames =
        ["control", "plans", "rows", "counters", "fragments", "activity", "held", "routes", "members", "member_macs", "askers"];

    private readonly Func<string, int> _fdOf;
    private nint _handle;
    private bool _isDisposed;

    /// <param name="handle">The libbpf object; 0 if the descriptors are this process's own.</param>
    /// <param name="fdOf">The descriptor of a program or map by the name of its pin.</param>
    private LoadedFilter(nint handle, Func<string, int> fdOf)
    {
        _handle = handle;
        _fdOf = fdOf;
        Xdp = fdOf("xdp");
        XdpGeneric = fdOf("xdp_generic");
        Tc = fdOf("tc");
        Companion = fdOf("companion");
        TraceProgram = fdOf("trace");
        ClockProgram = fdOf("clock");
        Control = new SharedArray<ControlEntry>(fdOf("control"), 1);
        Plans = new SharedArray<PlanEntry>(fdOf("plans"), 2);
        Activity = new SharedArray<ActivityEntry>(fdOf("activity"), Limits.GroupsMax);
        Rows = new SharedArray<RowsEntry>(fdOf("rows"), Limits.GroupsMax * SharedLimits.VersionsPerGroup);
        Routes = new SharedArray<RoutesEntry>(fdOf("routes"), Limits.GroupsMax * SharedLimits.VersionsPerGroup);
        Held = fdOf("held");
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

    public SharedArray<ActivityEntry> Activity { get; }

    public int Held { get; }

    public SharedArray<RoutesEntry> Routes { get; }

    /// <summary>Loads the filter that is part of this assembly and relates the kernel's ticks to its clock.</summary>
    /// <param name="former">
    /// Where a filter in force is pinned, whose maps become those of the new one, with all that they hold; null to begin with empty maps.
    /// </param>
    /// <param name="image">Another filter than this assembly's.</param>
    public static LoadedFilter Load(BpfFolder? former = null, byte[]? image = null)
    {
        image ??= ReadImage();
        LibBpfLog.Start();
        nint handle;
        fixed (byte* start = image)
            handle = LibBpf.bpf_object__open_mem(start, (nuint)image.Length, 0);
        var formerFds = new List<int>();
        try
        {
            if (handle == 0)
                throw Refused();
            List<string> others = former is null ? [] : ReuseMaps(handle, former, formerFds);
            if (LibBpf.bpf_object__load(handle) != 0)
                throw Refused();
            foreach (string name in others)
                CopyArray(formerFds[Array.IndexOf(_mapNames, name)], Map(handle, name));
            var filter = new LoadedFilter(handle, name => _mapNames.Contains(name) ? Map(handle, name) : Program(handle, "safekit_" + name));
            filter.Control[0].Layout = SharedLimits.Layout;
            TickClock.Relate(filter);
            return filter;
        }
        catch
        {
            if (handle != 0)
                LibBpf.bpf_object__close(handle);
            throw;
        }
        finally
        {
            formerFds.ForEach(fd => LibC.close(fd));
            LibBpfLog.Take();
        }
    }

    /// <summary>Descriptors of what is pinned, by the names of the pins.</summary>
    public IEnumerable<(string Name, int Fd)> Pinnable() => _programNames.Concat(_mapNames).Select(name => (name, _fdOf(name)));

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Control.Dispose();
        Plans.Dispose();
        Rows.Dispose();
        Activity.Dispose();
        Routes.Dispose();
        if (_handle != 0)
            LibBpf.bpf_object__close(_handle);
        _handle = 0;
        _ownFds.ForEach(fd => LibC.close(fd));
        _ownFds.Clear();
    }

    private static SafeKitException Refused() =>
        new($"{Errno.Describe("load the packet filter", Marshal.GetLastPInvokeError())}: it needs root, Linux 6.1 or " +
            $"later and a kernel with BPF. {LibBpfLog.Take()}");

    private static byte[] ReadImage()
    {
        using Stream? stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourceName);
        Invariant.That(stream is not null, "the packet filter is embedded in this assembly");
        byte[] image = new byte[stream.Length];
        stream.ReadExactly(image);
        return image;
    }

    private static int Program(nint handle, string name)
    {
        nint program = LibBpf.bpf_object__find_program_by_name(handle, name);
        Invariant.That(program != 0, $"the filter has a program {name}");
        return LibBpf.bpf_program__fd(program);
    }

    private static int Map(nint handle, string name)
    {
        nint map = LibBpf.bpf_object__find_map_by_name(handle, name);
        Invariant.That(map != 0, $"the filter has a map {name}");
        return LibBpf.bpf_map__fd(map);
    }
}
