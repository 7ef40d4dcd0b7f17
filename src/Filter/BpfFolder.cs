using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>The folder of pins: a bpffs of our own, because the one below /sys is hidden from network namespaces.</summary>
internal sealed unsafe class BpfFolder
{
    private const int StatfsWords = 32;

    private readonly string _path;

    /// <summary>Uses the folder, mounting a bpffs there unless it is one.</summary>
    public BpfFolder(string path)
    {
        _path = path;
        Directory.CreateDirectory(path);
        long* buffer = stackalloc long[StatfsWords];
        if (LibC.statfs(path, buffer) == 0 && buffer[0] == LibC.BPF_FS_MAGIC)
            return;
        if (LibC.mount("bpf", path, "bpf", 0, "mode=0700") != 0)
            throw new SafeKitException(Errno.Describe($"mount a bpf file system at {path}", Marshal.GetLastPInvokeError()) +
                ": the packet filter needs root");
    }

    /// <summary>What the pins' owner must remember beside them; a bpffs holds no plain files.</summary>
    public string JournalPath => _path + ".undo";

    /// <summary>Where the rows of each group lie.</summary>
    public string PlacesPath => _path + ".places";

    public bool IsEmpty => !Names().Any();

    public void Pin(int fd, string name)
    {
        if (LibBpf.bpf_obj_pin(fd, Path.Combine(_path, name)) != 0)
            throw new SafeKitException(Errno.Describe($"pin {name} in {_path}", Marshal.GetLastPInvokeError()));
    }

    /// <summary>Pins in place of what was pinned under the name; there is no instant without one.</summary>
    public void PinOver(int fd, string name)
    {
        string temporary = "new_" + name;
        File.Delete(Path.Combine(_path, temporary));
        Pin(fd, temporary);
        File.Move(Path.Combine(_path, temporary), Path.Combine(_path, name), overwrite: true);
    }

    public bool Has(string name) => File.Exists(Path.Combine(_path, name));

    /// <summary>Names of the pins that begin so.</summary>
    public IReadOnlyList<string> NamesWith(string prefix) => [.. Names().Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];

    /// <summary>A descriptor of what is pinned, or -1.</summary>
    public int TryOpen(string name) => LibBpf.bpf_obj_get(Path.Combine(_path, name));

    /// <summary>
    /// Takes off the interface what the pin keeps there. Error text if that failed, and then the pin stays: the next start
    /// tries again.
    /// </summary>
    public string? Unpin(string name)
    {
        if (ClsactFilter.OfPin(name)?.Remove() is { } error)
            return error;
        File.Delete(Path.Combine(_path, name));
        return null;
    }

    /// <summary>Links first: what is pinned besides is then attached nowhere. Says what could not be taken off.</summary>
    public IReadOnlyList<string> UnpinAll()
    {
        var errors = new List<string>();
        foreach (string name in Names().OrderByDescending(name => name.StartsWith(InterfaceGuard.LinkPrefix, StringComparison.Ordinal)))
        {
            if (Unpin(name) is { } error)
                errors.Add(error);
        }
        return errors;
    }

    /// <summary>Our pins: the kernel puts files of its own with a dot in their names (progs.debug) into every bpffs.</summary>
    private List<string> Names() =>
        [.. Directory.EnumerateFileSystemEntries(_path).Select(path => Path.GetFileName(path)).Where(name => !name.Contains('.'))];
}
