using SafeKit.Filter.Tests.Support;

namespace SafeKit.Filter.Tests.Network;

/// <summary>Somebody else's XDP program on eth0.</summary>
internal sealed class TemporaryGuard : IDisposable
{
    private readonly InterfaceGuard _guard;

    public TemporaryGuard(NodeNamespace node, LoadedFilter filter)
    {
        NodeInterface device = NodeInterface.ReadAll().First(one => one.Name == "eth0");
        _guard = InterfaceGuard.Attach(filter, new BpfFolder(node.BpfFolder + "-other"), device);
    }

    public void Dispose() => _guard.Detach();
}
