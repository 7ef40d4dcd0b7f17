using System.Diagnostics;

namespace SafeKit.Filter.Tests.Support;

/// <summary>
/// A server's network namespace (that of the calling thread), a client's behind a veth pair, and a folder for pins. The
/// client's namespace is unnamed and held by a child process.
/// </summary>
internal sealed class NodeNamespace : IDisposable
{
    private const int HolderSeconds = 120;
    private const int HolderWaitMs = 5_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("filter").FullName;
    private Process? _holder;

    public NodeNamespace() => Ip("link set lo up");

    public string BpfFolder => Path.Combine(_folder, "bpf");

    public string JournalPath => BpfFolder + ".undo";

    public int ClientPid => _holder!.Id;

    public static string Ip(string arguments) => RunTool("ip", arguments);

    public string ClientIp(string arguments) => RunTool("nsenter", $"-t {ClientPid} -n ip {arguments}");

    /// <summary>Result and output of a program in the client's namespace.</summary>
    public (string? Error, string Output) TryClient(string command)
    {
        string? error = Tool.Try(out string output, "nsenter", ["-t", $"{ClientPid}", "-n", .. command.Split(' ')]);
        return (error, output);
    }

    /// <summary>eth0 here and eth0 at the client, 10.1.0.1 and 10.1.0.7, fd00:1::1 and fd00:1::7.</summary>
    public void ConnectClient(int mtu = 1500)
    {
        StartHolder();
        Ip($"link add eth0 address 02:00:00:00:00:01 mtu {mtu} type veth peer name eth0 address 02:00:00:00:00:07 mtu {mtu} netns {ClientPid}");
        Ip("address add 10.1.0.1/24 dev eth0");
        Ip("address add fd00:1::1/64 dev eth0 nodad");
        Ip("link set eth0 up");
        ClientIp("address add 10.1.0.7/24 dev eth0");
        ClientIp("address add fd00:1::7/64 dev eth0 nodad");
        ClientIp("link set eth0 up");
        // A link that has just come up does not speak IPv6 yet, and is not asked for its address either: the first
        // answer in each direction ends these pings.
        RunTool("ping", "-c 1 -w 30 -i 0.2 fd00:1::7");
        RunTool("nsenter", $"-t {ClientPid} -n ping -c 1 -w 30 -i 0.2 fd00:1::1");
    }

    public void Dispose()
    {
        if (_holder is not null)
        {
            _holder.Kill();
            _holder.WaitForExit();
            _holder.Dispose();
        }
        foreach (string mounted in Directory.GetDirectories(_folder))
            Tool.Try(out _, "umount", mounted);
        Directory.Delete(_folder, recursive: true);
    }

    private void StartHolder()
    {
        string ours = File.ResolveLinkTarget("/proc/thread-self/ns/net", false)!.Name;
        _holder = Process.Start("unshare", ["-n", "sleep", $"{HolderSeconds}"]);
        var waited = Stopwatch.StartNew();
        while (File.ResolveLinkTarget($"/proc/{_holder.Id}/ns/net", false)!.Name == ours)
        {
            if (waited.ElapsedMilliseconds > HolderWaitMs)
                throw new InvalidOperationException("the child did not make its network namespace");
            Thread.Sleep(1);
        }
    }

    private static string RunTool(string program, string arguments)
    {
        string? error = Tool.Try(out string output, program, arguments.Split(' '));
        return error is null ? output : throw new InvalidOperationException(error);
    }
}
