using System.Runtime.InteropServices;

namespace SafeKit.Bench.Packets.Native;

/// <summary>bpf/libbpf.h and bpf/bpf.h: what the benchmark needs of them. Names as in C.</summary>
internal static unsafe partial class LibBpf
{
    public const int BPF_XDP = 37;
    public const uint XDP_FLAGS_DRV_MODE = 4;
    public const uint BPF_F_TEST_XDP_LIVE_FRAMES = 2;

    private const string Library = "libbpf.so.1";

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint bpf_object__open_mem(byte* buffer, nuint bytes, nint options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_object__load(nint handle);

    [LibraryImport(Library)]
    public static partial void bpf_object__close(nint handle);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_object__find_program_by_name(nint handle, string name);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_object__find_map_by_name(nint handle, string name);

    [LibraryImport(Library)]
    public static partial int bpf_program__fd(nint program);

    [LibraryImport(Library)]
    public static partial int bpf_map__fd(nint map);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_map_update_elem(int map, void* key, void* value, ulong flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_link_create(int program, int target, int attachType, BpfLinkCreateOptions* options);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_obj_get(string path);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_prog_test_run_opts(int program, BpfTestRunOptions* options);
}
