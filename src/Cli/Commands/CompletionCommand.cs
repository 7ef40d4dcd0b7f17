using System.CommandLine;

namespace SafeKit.Cli.Commands;

/// <summary><c>safekit completion bash|zsh</c>: prints a script for the shell to source.</summary>
public static class CompletionCommand
{
    // The words come from the program itself, through System.CommandLine's [suggest:POSITION] directive.
    private const string Bash =
        """
        _safekit() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(safekit "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _safekit safekit
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash or zsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var command = new Command("completion", "Print shell completion; for bash: source <(safekit completion bash)") { shell };
        command.SetAction(result =>
        {
            if (result.GetValue(shell) == "zsh")
                Console.WriteLine("autoload -U +X bashcompinit && bashcompinit");
            Console.WriteLine(Bash);
            return ExitCodes.Done;
        });
        return command;
    }
}
