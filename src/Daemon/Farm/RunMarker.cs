using SafeKit.Core;

namespace SafeKit.Daemon.Farm;

/// <summary>
/// What a daemon that starts must know of the time before: whether the module was wanted, and whether its application was up in
/// this very life of the machine. A small file, replaced whole. The life of the machine is the kernel's boot identifier and the
/// start of process 1, so that a container's restart counts too.
/// </summary>
public sealed class RunMarker(string folder)
{
    private const string DrainedWord = "drained";
    private const string OpenedWord = "opened";
    private readonly string _file = Path.Combine(folder, "running");
    private readonly string _machineLife = MachineLife();
    private (bool Wanted, bool Up, bool Drained, bool Opened)? _written;

    /// <summary>What was true when it was last written; nothing if it never was.</summary>
    public RunMemory? Read()
    {
        try
        {
            var lines = File.Exists(_file) ? File.ReadAllLines(_file) : [];
            return lines.Length < 3
                ? null
                : new RunMemory(
                    lines[0] == "wanted",
                    lines[1] == "up",
                    lines[2] == _machineLife,
                    lines.Contains(DrainedWord),
                    lines.Contains(OpenedWord));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be read is not remembered: then the configuration alone decides.
            return null;
        }
    }

    public void Write(bool wanted, bool up, bool drained = false, bool opened = false)
    {
        if (_written == (wanted, up, drained, opened))
            return;
        string[] lines =
        [
            wanted ? "wanted" : "not wanted", up ? "up" : "not up", _machineLife, drained ? DrainedWord : "", opened ? OpenedWord : "",
        ];
        File.WriteAllLines(_file + ".new", lines);
        File.Move(_file + ".new", _file, overwrite: true);
        _written = (wanted, up, drained, opened);
    }

    /// <summary>Identifies the time from one start of the machine, or of its container, to the next.</summary>
    public static string MachineLife()
    {
        var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        var stat = File.ReadAllText("/proc/1/stat");
        // Fields after the name, which may hold anything: the start time is the 20th of them (proc(5), field 22).
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return $"{boot} {fields[19]}";
    }
}
