using System.CommandLine;

namespace SafeKit.Cli.Commands;

/// <summary>Commands that ask the daemon to do one thing to one module (reference section 3.1).</summary>
public static class ModuleCommands
{
    public static Command Action(SharedOptions options, string name, string description)
    {
        var identity = new Option<string?>("-i") { Description = "Who asks; counted against maxloop when given" };
        var command = new Command(name, description) { identity };
        command.SetAction(async (result, cancel) =>
        {
            using var client = options.ClientOf(result);
            var answer = await client.ModuleActionAsync(
                options.ModuleOf(result), name, result.GetValue(identity), cancel);
            return Output.Action(answer, result.GetValue(options.Json));
        });
        return command;
    }
}
