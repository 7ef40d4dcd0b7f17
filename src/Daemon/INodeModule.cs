using SafeKit.Core;
using SafeKit.Core.Control;
using SafeKit.Daemon.Logging;
using SafeKit.Modules;

namespace SafeKit.Daemon;

/// <summary>One module on this node, of whichever kind.</summary>
public interface INodeModule : IAsyncDisposable
{
    string Name { get; }

    /// <summary>What the module was opened as; another one needs another object.</summary>
    bool Serves(ServiceMode mode);

    ModuleLog Log { get; }

    /// <summary>Nothing runs, and nothing that was asked for is about to.</summary>
    bool Stopped { get; }

    /// <summary>Whether the threads that hold a lease are alive.</summary>
    bool Healthy { get; }

    /// <summary>Reads the active configuration again; only while the module is stopped.</summary>
    Task ReloadAsync();

    /// <summary>Starts the module if its configuration says so; configures it first if that was never done.</summary>
    Task BootAsync();

    /// <exception cref="SafeKitException">The module cannot do that now; says why and what to do.</exception>
    Task<ActionResult> CommandAsync(ModuleOrder order);

    /// <summary>Compares the module's data on both nodes.</summary>
    /// <exception cref="SafeKitException">There is nothing to compare now.</exception>
    Task<ActionResult> VerifyAsync(CancellationToken cancel);

    /// <summary>Name of the node that owns a bucket of this module; empty when nobody does.</summary>
    string OwnerOf(string group, int bucket);

    /// <summary>Answered from memory (A1).</summary>
    Core.Control.ModuleState State();

    /// <summary>The application was found running and is gone on with.</summary>
    bool Adopted { get; }

    /// <summary>Prepares for the end of a daemon that another one follows at once: what can go on without it does.</summary>
    Task HandOverAsync();

    /// <summary>Stops the module as an administrator would and waits until it is stopped.</summary>
    Task ShutDownAsync();
}
