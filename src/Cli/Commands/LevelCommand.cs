using System.CommandLine;
using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Control;

namespace SafeKit.Cli.Commands;

/// <summary><c>safekit level</c>: host, operating system and version; works without the daemon.</summary>
public static class LevelCommand
{
    public static Command Create(SharedOptions options)
    {
        var command = new Command("level", "Show host, operating system and version.");
        command.SetAction(async (result, cancel) =>
        {
            var version = typeof(LevelCommand).Assembly.GetName().Version?.ToString(3) ?? "";
            var daemon = await DaemonAsync(options, result, cancel);
            var text = $"Host: {Environment.MachineName}\n"
                + $"OS: {RuntimeInformation.OSDescription} ({RuntimeInformation.OSArchitecture})\n"
                + $"SafeKit.Net: {version}\n"
                + $"safekitd: {daemon}";
            if (result.GetValue(options.Json))
                Output.Json(new ActionResult(true, text), ControlJson.Indented.ActionResult);
            else
                Console.WriteLine(text);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<string> DaemonAsync(SharedOptions options, ParseResult result, CancellationToken cancel)
    {
        try
        {
            using var client = options.ClientOf(result);
            var state = await client.StateAsync(cancel);
            return $"{state.Version} on node {state.Node}, up {TimeSpan.FromSeconds(Math.Floor(state.UptimeS))}";
        }
        catch (SafeKitException)
        {
            return "not running";
        }
    }
}
