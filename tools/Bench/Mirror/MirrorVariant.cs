using SafeKit.Lab;

namespace SafeKit.Bench.Mirror;

/// <summary>A way of replicating that is measured: values of <c>async</c> and <c>wait</c>, the kernel's transport, and which build.</summary>
/// <param name="Uring">Value of the kernel's parameter fuse.enable_uring while it is measured; null: as the machine has it.</param>
/// <param name="Artifacts">Folder with safekitd and safekit; null: the one that was just built.</param>
internal sealed record MirrorVariant(string Async, string Wait, bool? Uring, string? Artifacts)
{
    /// <summary>Of the figures: the words joined by _, without the path of the build.</summary>
    public string Name => $"mirror_{Async}_{Wait}"
        + (Uring switch { true => "_uring", false => "_device", null => "" })
        + (Artifacts is null ? "" : $"_{Path.GetFileName(Artifacts)}");

    /// <summary>Reads <c>ASYNC/WAIT[+uring|+device][@FOLDER]</c>.</summary>
    /// <exception cref="LabException">It is none.</exception>
    public static MirrorVariant Parse(string text)
    {
        var (way, artifacts) = Split(text, '@');
        var (rules, transport) = Split(way, '+');
        var (barrier, wait) = Split(rules, '/');
        if (wait is null || transport is not (null or "uring" or "device"))
            throw new LabException($"'{text}' is no variant of the mirror: native, gluster, or ASYNC/WAIT[+uring|+device][@FOLDER]");
        return new MirrorVariant(barrier, wait, transport is null ? null : transport == "uring", artifacts);
    }

    private static (string Before, string? After) Split(string text, char mark) =>
        text.IndexOf(mark) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);
}
