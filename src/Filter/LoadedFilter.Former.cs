using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>Taking over the maps of a filter that is in force, and, where its successor cannot be loaded, the whole of it.</summary>
internal sealed unsafe partial class LoadedFilter
{
    private const int CopyBytesMax = 1 << 20;

    private readonly List<int> _ownFds = [];

    /// <summary>Whether everything is pinned that a filter consists of.</summary>
    public static bool IsPinned(BpfFolder folder) => _mapNames.All(folder.Has);

    /// <summary>The pinned filter as it is: its programs stay in force, and this process drives its maps.</summary>
    /// <exception cref="SafeKitException">Not everything of it is pinned.</exception>
    public static LoadedFilter FromPins(BpfFolder folder)
    {
        var fds = new Dictionary<string, int>();
        foreach (string name in _programNames.Concat(_mapNames))
        {
            int fd = folder.TryOpen(name);
            if (fd < 0)
            {
                foreach (int open in fds.Values)
                    LibC.close(open);
                throw new SafeKitException($"{name} of the former packet filter is not pinned");
            }
            fds.Add(name, fd);
        }
        var filter = new LoadedFilter(0, name => fds[name]);
        filter._ownFds.AddRange(fds.Values);
        return filter;
    }

    /// <summary>Before the load: the maps of the same shape become the new filter's. Names of the others.</summary>
    private static List<string> ReuseMaps(nint handle, BpfFolder folder, List<int> opened)
    {
        var others = new List<string>();
        foreach (string name in _mapNames)
        {
            int fd = folder.TryOpen(name);
            if (fd < 0)
                throw new SafeKitException($"map {name} of the former packet filter is not pinned");
            opened.Add(fd);
            nint map = LibBpf.bpf_object__find_map_by_name(handle, name);
            Invariant.That(map != 0, $"the filter has a map {name}");
            if (!IsSameShape(map, InfoOf(fd)))
                others.Add(name);
            else if (LibBpf.bpf_map__reuse_fd(map, fd) != 0)
                throw new SafeKitException(Errno.Describe($"take over map {name} of the former packet filter", Marshal.GetLastPInvokeError()));
        }
        return others;
    }

    /// <summary>
    /// The content of a map whose elements have grown or shrunk: fields are only ever appended, so what both know stands in front, and what
    /// is new is zero.
    /// </summary>
    private static void CopyArray(int from, int to)
    {
        BpfMapInfo old = InfoOf(from);
        BpfMapInfo now = InfoOf(to);
        if (old.KeySize != sizeof(uint) || now.KeySize != sizeof(uint))
            return;
        bool perCpu = now.Type == LibBpf.BPF_MAP_TYPE_PERCPU_ARRAY;
        int cpus = perCpu ? LibBpf.libbpf_num_possible_cpus() : 1;
        int oldBytes = Rounded(old.ValueSize);
        int newBytes = Rounded(now.ValueSize);
        Invariant.That(Math.Max(oldBytes, newBytes) * cpus <= CopyBytesMax, "an element of a map fits the buffer");
        byte[] oldValue = new byte[oldBytes * cpus];
        byte[] newValue = new byte[newBytes * cpus];
        for (uint key = 0; key < Math.Min(old.MaxEntries, now.MaxEntries); key++)
        {
            fixed (byte* source = oldValue, target = newValue)
            {
                if (LibBpf.bpf_map_lookup_elem(from, &key, source) != 0)
                    continue;
                for (int cpu = 0; cpu < cpus; cpu++)
                    oldValue.AsSpan(cpu * oldBytes, Math.Min(oldBytes, newBytes)).CopyTo(newValue.AsSpan(cpu * newBytes));
                if (LibBpf.bpf_map_update_elem(to, &key, target, 0) != 0)
                    throw new SafeKitException(Errno.Describe("fill a map of the new packet filter", Marshal.GetLastPInvokeError()));
            }
        }
    }

    private static bool IsSameShape(nint map, in BpfMapInfo info) =>
        LibBpf.bpf_map__type(map) == info.Type && LibBpf.bpf_map__key_size(map) == info.KeySize
        && LibBpf.bpf_map__value_size(map) == info.ValueSize && LibBpf.bpf_map__max_entries(map) == info.MaxEntries;

    private static BpfMapInfo InfoOf(int fd)
    {
        var info = default(BpfMapInfo);
        uint bytes = (uint)sizeof(BpfMapInfo);
        if (LibBpf.bpf_obj_get_info_by_fd(fd, &info, &bytes) != 0)
            throw new SafeKitException(Errno.Describe("ask for the shape of a map", Marshal.GetLastPInvokeError()));
        return info;
    }

    private static int Rounded(uint bytes) => (int)((bytes + 7) & ~7u);
}
