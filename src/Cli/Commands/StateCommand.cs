using System.CommandLine;
using SafeKit.Core;
using SafeKit.Core.Control;

namespace SafeKit.Cli.Commands;

/// <summary><c>safekit state [-m AM [-v | -lq]]</c> (reference section 3.2).</summary>
public static class StateCommand
{
    public static Command Create(SharedOptions options)
    {
        var verbose = new Option<bool>("-v") { Description = "Also resources, membership and the packet filter" };
        var quiet = new Option<bool>("--lq") { Description = "(-lq) Only the exit code: STOP 0, WAIT 1, ALONE or UP 2, PRIM 3, SECOND 4" };
        var command = new Command("state", "Show the state of the modules on this node.") { verbose, quiet };
        command.SetAction(async (result, cancel) =>
        {
            using var client = options.ClientOf(result);
            var module = options.ModuleOrNull(result);
            if (result.GetValue(quiet))
                return await ExitCodeAsync(client, module, cancel);
            var state = Select(await client.StateAsync(cancel), module);
            if (result.GetValue(options.Json))
                Output.Json(state, ControlJson.Indented.NodeState);
            else
                StateText.Print(state, result.GetValue(verbose));
            return state.Problem is null ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static NodeState Select(NodeState state, string? module)
    {
        if (module is null)
            return state;
        var selected = state.Modules.Where(m => m.Module == module).ToList();
        return selected.Count > 0
            ? state with { Modules = selected }
            : throw new SafeKitException($"there is no module {module} on {state.Node}; safekit state lists them");
    }

    private static async Task<int> ExitCodeAsync(ControlClient client, string? module, CancellationToken cancel)
    {
        try
        {
            if (module is null)
                throw new SafeKitException("state -lq is about one module: name it with -m MODULE");
            var state = Select(await client.StateAsync(cancel), module);
            return ExitCodes.OfState(state.Modules[0].State);
        }
        catch (SafeKitException e)
        {
            Console.Error.WriteLine("safekit: " + e.Message);
            return ExitCodes.StateUnknown;
        }
    }
}
