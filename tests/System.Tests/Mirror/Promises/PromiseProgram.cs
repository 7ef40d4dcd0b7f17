using System.Diagnostics;
using SafeKit.Lab.Isolation;
using SafeKit.Lab.Mirror;

namespace SafeKit.SystemTests.Mirror.Promises;

/// <summary>promise.c, compiled into the lab's folder.</summary>
internal sealed class PromiseProgram
{
    // Descriptors 3 and 4 of the application: the disks that lose power with it.
    private const string WithDisks = "own=$1 other=$2; shift 2; exec 3< \"$own\" 4< \"$other\"; exec \"$@\"";

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private readonly string _path;

    private PromiseProgram(string path, IReadOnlyList<PromisedCall> calls)
    {
        _path = path;
        Calls = calls;
    }

    public IReadOnlyList<PromisedCall> Calls { get; }

    public static async Task<PromiseProgram> CompileAsync(MirrorLab lab)
    {
        var path = Path.Combine(lab.Folder, "promise");
        var source = Path.Combine(AppContext.BaseDirectory, "Mirror/Promises/promise.c");
        await Command.MustRunAsync(["clang", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", path, source]);
        var list = await Command.MustRunAsync([path, "list"]);
        return new PromiseProgram(path, [.. list.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')).Select(words => new PromisedCall(words[0], words[1]))]);
    }

    /// <summary>
    /// Makes a call on a node, which dies the instant it has returned. Returns how long the history was before the call.
    /// </summary>
    /// <param name="withDisks">Both nodes' disks lose power at that instant as well.</param>
    public async Task<int> DieAfterAsync(MirrorLab lab, MirrorNode node, PromisedCall call, string folder, bool withDisks, CancellationToken cancel)
    {
        string[] command = node.Machine.Inside(_path, "do", folder, call.Name, $"{node.DaemonPidInside}");
        using var process = Start(withDisks
            ? ["sh", "-c", WithDisks, "sh", .. new[] { node, lab.Other(node) }.Select(one => one.InsideFolder(MirrorNode.DataRoot)), .. command]
            : command);
        var words = (await ReadLineAsync(process, cancel)).Split(' ');
        await node.PowerOffAsync();
        Assert.True(words is ["returned", _, _] && words[1] == call.Name, string.Join(' ', words));
        return int.Parse(words[2]);
    }

    /// <summary>An application on a node that lives on, just before a call.</summary>
    public async Task<LiveCall> PrepareAsync(MirrorNode node, PromisedCall call, string folder, CancellationToken cancel)
    {
        var process = Start(node.Machine.Inside(_path, "do", folder, call.Name));
        Assert.Equal("ready", await ReadLineAsync(process, cancel));
        return new LiveCall(call, process);
    }

    /// <summary>Whether a copy of the folder holds what the call promised, and a prefix of the history; what it says.</summary>
    public Task<CommandResult> CheckAsync(PromisedCall call, string copy, int before) =>
        Command.RunAsync([_path, "check", copy, call.Name, $"{before}"], timeout: _limit);

    private static Process Start(string[] command) =>
        Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    public static async Task<string> ReadLineAsync(Process process, CancellationToken cancel) =>
        await process.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(_limit, cancel) ?? "the application ended without a word";
}
