using System.Globalization;
using SafeKit.Bench.Packets.Native;
using SafeKit.Core;

namespace SafeKit.Bench.Packets;

/// <summary>
/// A network namespace without a name that the calling thread can enter. Children inherit it. Owns the descriptor that
/// keeps it alive.
/// </summary>
internal sealed class BenchNetwork : IDisposable
{
    private readonly int _fd;

    private BenchNetwork(int fd) => _fd = fd;

    /// <summary>Under which iproute2 finds the namespace.</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{_fd}";

    /// <summary>Makes one and enters it.</summary>
    public static BenchNetwork CreateAndEnter()
    {
        Checked.Call(LibC.unshare(LibC.CLONE_NEWNET), "make a network namespace");
        int fd = LibC.open("/proc/thread-self/ns/net", LibC.O_RDONLY | LibC.O_CLOEXEC);
        return new BenchNetwork(Checked.Call(fd, "open a network namespace"));
    }

    /// <summary>That of a process.</summary>
    public static BenchNetwork OfProcess(int pid) =>
        new(Checked.Call(LibC.open($"/proc/{pid}/ns/net", LibC.O_RDONLY | LibC.O_CLOEXEC), "open a network namespace"));

    /// <summary>Packets that the interface of the namespace entered has received.</summary>
    public static long PacketsReceived(string device)
    {
        string line = File.ReadLines("/proc/thread-self/net/dev")
            .First(one => one.TrimStart().StartsWith(device + ":", StringComparison.Ordinal));
        string[] fields = line[(line.IndexOf(':') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(fields[1], CultureInfo.InvariantCulture);
    }

    /// <summary>IPv4 packets that got as far as a protocol of this host.</summary>
    public static long PacketsDelivered()
    {
        List<string[]> lines = [.. File.ReadLines("/proc/thread-self/net/snmp")
            .Where(line => line.StartsWith("Ip:", StringComparison.Ordinal))
            .Select(line => line.Split(' '))];
        Invariant.That(lines.Count == 2, "names and values");
        return long.Parse(lines[1][Array.IndexOf(lines[0], "InDelivers")], CultureInfo.InvariantCulture);
    }

    /// <summary>Runs a program in the namespace that the calling thread has entered.</summary>
    public static void Command(string? input, params string[] arguments) =>
        // The child is started by this thread, before anything is awaited.
        Lab.Isolation.Command.MustRunAsync(arguments, input).GetAwaiter().GetResult();

    public void Enter() => Checked.Call(LibC.setns(_fd, LibC.CLONE_NEWNET), "enter a network namespace");

    public void Dispose() => _ = LibC.close(_fd);
}
