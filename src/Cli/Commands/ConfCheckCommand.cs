using System.CommandLine;
using SafeKit.Modules;

namespace SafeKit.Cli.Commands;

/// <summary><c>safekit confcheck</c>: everything that can be found wrong before a start, without a daemon or a cluster.</summary>
public static class ConfCheckCommand
{
    public static Command Create(SharedOptions options)
    {
        var file = new Option<FileInfo?>("--file", "-f") { Description = "Any userconfig.xml or cluster.xml" };
        var command = new Command("confcheck", "Check a configuration without applying it.") { file };
        command.SetAction(result =>
        {
            var paths = options.PathsOf(result);
            var json = result.GetValue(options.Json);
            if (result.GetValue(file) is { } any)
                return FileCheck.Run(any.FullName, paths, null, json);
            var module = options.ModuleOf(result);
            return FileCheck.Run(paths.UserConfig(module), paths, LiveNode.Read(paths.Scripts(module)), json);
        });
        return command;
    }
}
