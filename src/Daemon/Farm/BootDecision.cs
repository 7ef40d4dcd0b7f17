using SafeKit.Modules;

namespace SafeKit.Daemon.Farm;

/// <summary>What happens to a module when the daemon starts. Pure.</summary>
public static class BootDecision
{
    public static (BootAction Action, string Rule) Decide(BootMode boot, RunMemory? before) => before switch
    {
        { SameLife: true, Wanted: true, Up: true } => (BootAction.Adopt, "the daemon was restarted while the application was up"),
        { SameLife: true, Wanted: true } => (BootAction.Start, "the daemon was restarted while the module was wanted"),
        { SameLife: true } => (BootAction.Nothing, "stopped by order before the daemon was restarted"),
        _ when boot == BootMode.On => (BootAction.Start, "boot=on"),
        { Wanted: true } when boot == BootMode.Auto => (BootAction.Start, "boot=auto, and it ran before"),
        _ => (BootAction.Nothing, $"boot={boot.ToString().ToLowerInvariant()}"),
    };
}
