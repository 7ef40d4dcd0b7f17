using System.Diagnostics;

namespace SafeKit.Lab.Isolation;

/// <summary>
/// Takes every processor of this machine by a loop at real-time priority: who has none gets what the kernel's fair server leaves, 5 %. The
/// lab itself runs above the loops meanwhile, so that clients go on asking and the wire is watched. The loops end with their machine.
/// </summary>
public sealed class Starvation : IAsyncDisposable
{
    /// <summary>Just below the thread that holds a farm's lease (SCHED_RR 10).</summary>
    public const int BelowLease = 9;

    /// <summary>Above it: nothing that the daemon could do.</summary>
    public const int AboveLease = 20;

    private const int LabPriority = 40;

    private readonly List<Service> _burners = [];

    private Starvation()
    {
    }

    /// <param name="machine">Where the loops live.</param>
    /// <param name="priority">Of SCHED_FIFO, 1 to 39.</param>
    /// <param name="log">File for what the loops complain about.</param>
    public static async Task<Starvation> StartAsync(NamespaceHolder machine, int priority, string log)
    {
        var starvation = new Starvation();
        // Started at priority 0 and raised together: the first loop must not keep the second from starting.
        for (var processor = 0; processor < Environment.ProcessorCount; processor++)
            starvation._burners.Add(await Service.StartAsync(machine, ["taskset", "-c", $"{processor}", "sh", "-c", "while :; do :; done"], log));
        await Command.MustRunAsync(["chrt", "-a", "-r", "-p", $"{LabPriority}", $"{Environment.ProcessId}"]);
        foreach (var burner in starvation._burners)
            await Command.MustRunAsync(["chrt", "-f", "-p", $"{priority}", $"{burner.Pid}"]);
        return starvation;
    }

    /// <summary>Processor time that the loops have had so far: proof that nobody else had it.</summary>
    public TimeSpan Taken() => _burners.Aggregate(TimeSpan.Zero, (sum, burner) =>
    {
        using var process = Process.GetProcessById(burner.Pid);
        return sum + process.TotalProcessorTime;
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var burner in _burners)
        {
            await burner.KillAsync();
            burner.Dispose();
        }

        await Command.MustRunAsync(["chrt", "-a", "-o", "-p", "0", $"{Environment.ProcessId}"]);
    }
}
