using System.Runtime.InteropServices;

namespace SafeKit.Filter.Native;

/// <summary>bpf/libbpf.h and bpf/bpf.h: loading, maps, links, test runs. Names as in C.</summary>
internal static unsafe partial class LibBpf
{
    public const int BPF_TC_INGRESS_TCX = 46;
    public const int BPF_XDP = 37;
    public const int BPF_TC_INGRESS = 1;
    public const int BPF_TC_EGRESS = 2;
    public const uint BPF_TC_F_REPLACE = 1;
    public const uint XDP_FLAGS_SKB_MODE = 2;
    public const uint XDP_FLAGS_DRV_MODE = 4;

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

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_program__fd(nint program);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_map__fd(nint map);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_link_create(int program, int target, int attachType, BpfLinkCreateOptions* options);

    [LibraryImport(Library)]
    public static partial int bpf_tc_hook_create(BpfTcHook* hook);

    [LibraryImport(Library)]
    public static partial int bpf_tc_hook_destroy(BpfTcHook* hook);

    [LibraryImport(Library)]
    public static partial int bpf_tc_attach(BpfTcHook* hook, BpfTcOptions* options);

    [LibraryImport(Library)]
    public static partial int bpf_tc_detach(BpfTcHook* hook, BpfTcOptions* options);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_obj_pin(int fd, string path);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_obj_get(string path);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_map_lookup_elem(int map, void* key, void* value);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_map_update_elem(int map, void* key, void* value, ulong flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_map_get_next_key(int map, void* key, void* next);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_prog_test_run_opts(int program, BpfTestRunOptions* options);

    [LibraryImport(Library)]
    public static partial int libbpf_num_possible_cpus();

    [LibraryImport(Library)]
    public static partial nint libbpf_set_print(delegate* unmanaged[Cdecl]<int, byte*, void*, int> print);
}
