using System.CommandLine;
using System.Globalization;
using SafeKit.Core.Control;

namespace SafeKit.Cli.Commands;

/// <summary><c>safekit log -m AM [-s n] [-A]</c> (reference section 3.2).</summary>
public static class LogCommand
{
    public static Command Create(SharedOptions options)
    {
        var size = new Option<int>("-s") { Description = "How many lines", DefaultValueFactory = _ => 300 };
        var all = new Option<bool>("-A") { Description = "All levels, also for debugging" };
        var command = new Command("log", "Show the log of a module.") { size, all };
        command.SetAction(async (result, cancel) =>
        {
            using var client = options.ClientOf(result);
            var lines = await client.LogAsync(
                options.ModuleOf(result), result.GetValue(size), result.GetValue(all), cancel);
            if (result.GetValue(options.Json))
                Output.Json(lines, ControlJson.Indented.IReadOnlyListLogLine);
            else
                foreach (var line in lines)
                    Console.WriteLine(Text(line));
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Text(LogLine line) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{line.Time.ToLocalTime():yyyy-MM-dd HH:mm:ss.ffffff} {line.Level} {line.Origin}: {line.Message}");
}
