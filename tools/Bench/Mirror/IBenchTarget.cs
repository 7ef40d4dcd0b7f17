using SafeKit.Lab.Isolation;

namespace SafeKit.Bench.Mirror;

/// <summary>A directory that is measured, and the machine on which it is seen.</summary>
internal interface IBenchTarget : IAsyncDisposable
{
    /// <summary>Part of the names of its figures.</summary>
    string Name { get; }

    /// <summary>The directory, as programs on the machine see it.</summary>
    string Folder { get; }

    /// <summary>A folder of the machine's own beside it, for sockets and logs.</summary>
    string Scratch { get; }

    /// <summary>Command line that runs something on the machine.</summary>
    string[] Inside(params ReadOnlySpan<string> command);

    /// <summary>Runs a command on the machine that must succeed.</summary>
    Task<string> MustRunAsync(TimeSpan limit, params string[] command) => Command.MustRunAsync(Inside(command), timeout: limit);
}
