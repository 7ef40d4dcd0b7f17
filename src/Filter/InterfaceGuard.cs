using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>The filter on one interface: its links, its mode, and why no better mode. Owns the links' descriptors.</summary>
internal sealed unsafe class InterfaceGuard : IDisposable
{
    public const string LinkPrefix = "link_";

    private readonly BpfFolder _folder;
    private readonly List<(int Fd, string Pin)> _links = [];
    private ClsactFilter? _clsact;

    private InterfaceGuard(BpfFolder folder, NodeInterface device)
    {
        _folder = folder;
        Device = device;
    }

    public NodeInterface Device { get; }

    public FilterMode Mode { get; private set; }

    public string Reason { get; private set; } = "";

    /// <summary>
    /// Whether frames of directed addresses are sent on at tc although XDP decides: native XDP_TX on veth delivers only if the other
    /// end has an XDP program too, which cannot be seen from here; it is counted as sent and lost otherwise.
    /// </summary>
    public bool SendsAtTc => Mode == FilterMode.Native && Device.Kind == "veth";

    /// <summary>How frames of directed addresses are sent on, and why so.</summary>
    public string Sending => Mode switch
    {
        FilterMode.Tc => "sends on at tc",
        FilterMode.Generic => "sends on by XDP_TX in the stack",
        _ when SendsAtTc => "sends on at tc: XDP_TX on veth needs an XDP program at the other end, which cannot be seen from here",
        _ => "sends on by XDP_TX in the driver",
    };

    /// <summary>
    /// Native XDP, else generic XDP, each with the companion; else tc alone. At tc tcx, else clsact;
    /// <paramref name="mayUseTcx"/> false behaves as a kernel before 6.6 does.
    /// </summary>
    public static InterfaceGuard Attach(LoadedFilter filter, BpfFolder folder, NodeInterface device, bool mayUseTcx = true)
    {
        var guard = new InterfaceGuard(folder, device);
        try
        {
            string? native = guard.TryXdp(filter.Xdp, LibBpf.XDP_FLAGS_DRV_MODE);
            string? generic = native is null ? null : guard.TryXdp(filter.XdpGeneric, LibBpf.XDP_FLAGS_SKB_MODE);
            guard.Mode = native is null ? FilterMode.Native : generic is null ? FilterMode.Generic : FilterMode.Tc;
            guard.Reason = guard.Mode switch
            {
                FilterMode.Native => "the driver supports XDP",
                FilterMode.Generic => $"native refused: {native}",
                _ => $"native refused: {native}; generic refused: {generic}",
            };
            guard.AttachTc(guard.Mode == FilterMode.Tc ? filter.Tc : filter.Companion, mayUseTcx);
            return guard;
        }
        catch
        {
            guard.Detach();
            throw;
        }
    }

    public void Detach()
    {
        foreach ((_, string pin) in _links)
            _folder.Unpin(pin);
        if (_clsact is not null)
            _folder.Unpin(_clsact.PinName);
        Dispose();
    }

    /// <summary>Closes the descriptors; the pins keep the filter attached (clsact keeps it without them).</summary>
    public void Dispose()
    {
        foreach ((int fd, _) in _links)
            LibC.close(fd);
        _links.Clear();
    }

    /// <summary>Why the kernel refused, or null.</summary>
    private string? TryXdp(int program, uint mode)
    {
        var options = new BpfLinkCreateOptions { Size = (nuint)sizeof(BpfLinkCreateOptions), Flags = mode };
        int link = LibBpf.bpf_link_create(program, Device.Index, LibBpf.BPF_XDP, &options);
        if (link < 0)
            return Explain(Marshal.GetLastPInvokeError());
        Keep(link, $"{LinkPrefix}xdp_{Device.Index}");
        return null;
    }

    private void AttachTc(int program, bool mayUseTcx)
    {
        int errno = Errno.EINVAL;
        if (mayUseTcx)
        {
            int link = LibBpf.bpf_link_create(program, Device.Index, LibBpf.BPF_TC_INGRESS_TCX, null);
            if (link >= 0)
            {
                Keep(link, $"{LinkPrefix}tcx_{Device.Index}");
                return;
            }
            errno = Marshal.GetLastPInvokeError();
        }
        // What kernels say that do not know this kind of attachment, or were built without it.
        if (errno is not (Errno.EINVAL or Errno.EOPNOTSUPP))
            throw new SafeKitException(Errno.Describe($"attach the packet filter to {Device.Name} at tc ingress (tcx)", errno) +
                ": is the interface still there?");
        _clsact = ClsactFilter.Attach(program, _folder, Device);
        Reason += "; clsact: this kernel has no tcx";
    }

    private void Keep(int link, string pin)
    {
        _links.Add((link, pin));
        _folder.Pin(link, pin);
    }

    private static string Explain(int errno) => errno switch
    {
        Errno.EOPNOTSUPP => Errno.Describe("the driver does not support XDP", errno),
        Errno.EBUSY => Errno.Describe("another XDP program is attached", errno),
        Errno.ERANGE => Errno.Describe("the driver refuses XDP with this MTU", errno),
        _ => Errno.Describe("the kernel refused", errno),
    };
}
