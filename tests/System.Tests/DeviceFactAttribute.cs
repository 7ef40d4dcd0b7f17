using SafeKit.Lab;
using SafeKit.Lab.Isolation;

namespace SafeKit.SystemTests;

/// <summary>A test that also needs a kind of interface; a kernel that makes none skips it and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DeviceFactAttribute : FactAttribute
{
    private const string Cable = "link add probe0 type veth peer name probe1";

    /// <param name="link">What follows <c>ip link add</c>; there is an interface probe0 to make others on.</param>
    public DeviceFactAttribute(string link) => Skip = ClusterLab.Obstacle() ?? Obstacle(link);

    private static string? Obstacle(string link)
    {
        var result = Command.RunAsync(["unshare", "--net", "ip", "-batch", "-"], $"{Cable}\nlink add {link}\n").GetAwaiter().GetResult();
        return result.Ok ? null : $"this kernel makes no such interface ({link}): {result.Text.Trim()}";
    }
}
