using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace SafeKit.Filter.Native;

/// <summary>
/// Collects what libbpf prints, so that it becomes part of the error message instead of appearing on standard error.
/// libbpf calls back on the calling thread, hence one collection per thread.
/// </summary>
internal static unsafe class LibBpfLog
{
    private const int LevelDebug = 2;
    private const int LineBytesMax = 1024;
    private const int CollectedCharsMax = 4000;

    [ThreadStatic]
    private static StringBuilder? _collected;

    public static void Start()
    {
        _collected = new StringBuilder();
        LibBpf.libbpf_set_print(&Print);
    }

    /// <summary>The end of what was printed since <see cref="Start"/>: the last lines name the cause.</summary>
    public static string Take()
    {
        string text = _collected?.ToString().Trim() ?? "";
        _collected = null;
        return text.Length <= CollectedCharsMax ? text : text[^CollectedCharsMax..];
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Print(int level, byte* format, void* arguments)
    {
        if (level >= LevelDebug || _collected is null)
            return 0;
        byte* line = stackalloc byte[LineBytesMax];
        int bytes = LibC.vsnprintf(line, LineBytesMax, format, arguments);
        _collected.Append(Encoding.UTF8.GetString(line, Math.Clamp(bytes, 0, LineBytesMax - 1)));
        return 0;
    }
}
