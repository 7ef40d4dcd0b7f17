namespace SafeKit.Filter.Tests.Support;

/// <summary>A test with kinds of interfaces that not every kernel makes (<c>link add</c> lines for <c>ip -batch</c>); without them it is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DeviceFactAttribute : FactAttribute
{
    public DeviceFactAttribute(params string[] links)
    {
        Skip = Root.ReasonToSkip;
        foreach (string link in Skip is null ? links : [])
        {
            string? error = Tool.Try(out _, "unshare", ["--net", "sh", "-c", $"ip link add probe0 type veth peer name probe1 && ip link add {link}"]);
            if (error is not null)
                Skip = $"this kernel makes no such interface ({link}): {error}";
        }
    }
}
