namespace SafeKit.Daemon.Tests.Mirror;

/// <summary>A test with network namespaces and eBPF: only root can make them. Elsewhere it is skipped, never passed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute()
    {
        if (Environment.UserName != "root")
            Skip = "needs root for network namespaces and eBPF";
        else if (!File.Exists("/usr/sbin/ip") && !File.Exists("/sbin/ip"))
            Skip = "needs iproute2";
    }
}
