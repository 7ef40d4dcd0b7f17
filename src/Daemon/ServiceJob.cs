namespace SafeKit.Daemon;

/// <summary>What systemd is about to do with the daemon's unit, read from its list of jobs. Pure.</summary>
public static class ServiceJob
{
    public const string Unit = "safekitd.service";

    /// <summary>
    /// A stop is a job of type "stop", and so is a shutdown of the machine, whose transaction stops every unit. A restart is a job of type
    /// "restart" until the unit is down. Without any job it is not systemd that wants the daemon's end, and then systemd starts it again.
    /// </summary>
    /// <param name="jobs">Output of <c>systemctl list-jobs --no-legend --plain</c>: number, unit, type, state.</param>
    public static bool IsStop(string jobs) => jobs.Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(words => words.Length >= 3 && words[1] == Unit && words[2] == "stop");
}
