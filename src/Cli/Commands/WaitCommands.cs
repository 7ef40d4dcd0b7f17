using System.CommandLine;
using SafeKit.Core;
using SafeKit.Core.Control;

namespace SafeKit.Cli.Commands;

/// <summary><c>waitstart</c>, <c>waitstop</c>, <c>waitstate</c>: block until the module is stable in a state.</summary>
public static class WaitCommands
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    public static Command WaitStart(SharedOptions options) =>
        Create(options, "waitstart", "Wait until the module is started and ready.", _ => null);

    public static Command WaitStop(SharedOptions options) =>
        Create(options, "waitstop", "Wait until the module is stopped.", _ => "STOP");

    public static Command WaitState(SharedOptions options)
    {
        var state = new Argument<string>("state") { Description = "STOP, ALONE, UP, PRIM or SECOND" };
        state.AcceptOnlyFromAmong("STOP", "ALONE", "UP", "PRIM", "SECOND");
        var command = Create(
            options, "waitstate", "Wait until the module is stable in a state.", result => result.GetValue(state));
        command.Arguments.Add(state);
        return command;
    }

    private static Command Create(
        SharedOptions options, string name, string description, Func<ParseResult, string?> wanted)
    {
        var command = new Command(name, description + " --timeout bounds the wait.");
        command.SetAction(async (result, cancel) =>
        {
            using var client = options.ClientOf(result);
            var module = options.ModuleOf(result);
            var timeoutS = result.GetValue(options.TimeoutS);
            return await WaitAsync(client, module, wanted(result), timeoutS, cancel);
        });
        return command;
    }

    private static async Task<int> WaitAsync(
        ControlClient client, string module, string? wanted, int timeoutS, CancellationToken cancel)
    {
        var deadline = DateTime.UtcNow.AddSeconds(timeoutS);
        var seen = "";
        while (DateTime.UtcNow < deadline)
        {
            var state = (await client.StateAsync(cancel)).Modules.FirstOrDefault(m => m.Module == module)
                ?? throw new SafeKitException($"there is no module {module} on this node; safekit state lists them");
            seen = $"{state.State} {state.Status}";
            if (Reached(state, wanted))
                return ExitCodes.Done;
            await Task.Delay(_interval, cancel);
        }

        Console.Error.WriteLine($"safekit: {module} is still {seen} after {timeoutS} s; safekit log -m {module} says why");
        return ExitCodes.Failed;
    }

    private static bool Reached(ModuleState state, string? wanted) => wanted switch
    {
        "STOP" => state.State == "STOP",
        null => state.Status == "Ready",
        _ => state.State == wanted && state.Status == "Ready",
    };
}
