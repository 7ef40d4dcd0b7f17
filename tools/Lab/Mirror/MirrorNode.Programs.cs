using SafeKit.Core;
using SafeKit.Lab.Native;

namespace SafeKit.Lab.Mirror;

/// <summary>The programs that run on a node, and the application among them.</summary>
public sealed partial class MirrorNode
{
    private static readonly TimeSpan _suspendLimit = TimeSpan.FromSeconds(10);

    private readonly record struct RunningProgram(int Pid, int Parent, string Name, char State);

    /// <summary>
    /// Stops the application where it stands, in the middle of whatever it does. What begins meanwhile is stopped as well: when this returns,
    /// nothing of it writes any more.
    /// </summary>
    public async Task SuspendApplicationAsync()
    {
        var deadline = MonotonicClock.NowNs + _suspendLimit.Ticks * 100;
        while (Application().Where(program => program.State is not ('T' or 't')).ToList() is { Count: > 0 } running)
        {
            running.ForEach(program => Signals.Stop(program.Pid));
            if (MonotonicClock.NowNs > deadline)
                throw new LabException($"processes of {Name} go on after SIGSTOP: {string.Join(", ", running)}");
            await Task.Delay(2);
        }
    }

    /// <summary>Lets the application go on.</summary>
    public void ResumeApplication() => Application().ForEach(program => Signals.Continue(program.Pid));

    /// <summary>Ends the application at once, suspended or not.</summary>
    public void KillApplication() => Application().ForEach(program => Signals.Kill(program.Pid));

    private List<RunningProgram> Application() => Programs().Where(program => program.Name == _files.Application?.ProcessName).ToList();

    // Not the init and its helper, which are the machine and not its programs.
    private List<RunningProgram> Programs()
    {
        var init = Machine.InitPid;
        var machine = LinkOf(init);
        var programs = new List<RunningProgram>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && pid != init && LinkOf(pid) == machine && Read(pid) is { } program
                && program.State is not ('Z' or 'X') && (program.Parent != init || program.Name != "cat"))
                programs.Add(program);
        }

        return programs;
    }

    /// <summary>What proc(5) says of a process; null: it has ended meanwhile.</summary>
    private static RunningProgram? Read(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var end = stat.LastIndexOf(')');
            var fields = stat[(end + 2)..].Split(' ');
            return new RunningProgram(pid, int.Parse(fields[1]), stat[(stat.IndexOf('(') + 1)..end], fields[0][0]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? LinkOf(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/ns/pid").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
