using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>The filter on one interface: its links, its mode, and why no better mode. Owns the links' descriptors.</summary>
internal sealed unsafe class InterfaceGuard : IDisposable
{
    public const string LinkPrefix = "link_";
    private const string NativePrefix = LinkPrefix + "xdp_";
    private const string GenericPrefix = LinkPrefix + "xdpgeneric_";
    private const string TcxPrefix = LinkPrefix + "tcx_";
    private const string BondKind = "bond";

    /// <summary>
    /// The bond's driver would run the program on the ports: it would see their numbers, frames of the standby port too, and the kernel
    /// would refuse a port that joins later and whose driver has no XDP.
    /// </summary>
    private const string NativeOnBond = "a bond runs it on its ports, and takes no port any more whose driver has no XDP";

    private readonly BpfFolder _folder;
    private readonly List<(int Fd, string Pin)> _links = [];
    private ClsactFilter? _clsact;

    private InterfaceGuard(BpfFolder folder, NodeInterface device)
    {
        _folder = folder;
        Device = device;
    }

    public NodeInterface Device { get; }

    /// <summary>Names of what keeps it attached.</summary>
    public IEnumerable<string> Pins => _clsact is null ? _links.Select(link => link.Pin) : [.. _links.Select(link => link.Pin), _clsact.PinName];

    public FilterMode Mode { get; private set; }

    public string Reason { get; private set; } = "";

    /// <summary>
    /// Whether frames of directed addresses are sent on at tc although XDP decides: native XDP_TX on veth delivers only if the other
    /// end has an XDP program too, which cannot be seen from here; it is counted as sent and lost otherwise.
    /// </summary>
    public bool SendsAtTc => IsSentAtTc(Mode, Device.Kind);

    /// <summary>
    /// Whether SYNs are answered at tc although XDP decides: as above, and in generic mode, because XDP cannot tell what has a checksum only
    /// in part (a machine on the same host sends such), and the kernel would complete the answer's once more.
    /// </summary>
    public bool AnswersAtTc => Mode != FilterMode.Native || SendsAtTc;

    /// <summary>How frames of directed addresses are sent on, and why so.</summary>
    public string Sending => SendingOf(Mode, Device.Kind);

    /// <summary>The same for an interface of this kind that is guarded in this mode.</summary>
    public static string SendingOf(FilterMode mode, string kind) => mode switch
    {
        FilterMode.Tc => "sends on at tc",
        FilterMode.Generic => "sends on by XDP_TX in the stack",
        _ when IsSentAtTc(mode, kind) => "sends on at tc: XDP_TX on veth needs an XDP program at the other end, which cannot be seen from here",
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
            string? native = !MayBeNative(device.Kind) ? NativeOnBond : guard.TryXdp(filter.Xdp, LibBpf.XDP_FLAGS_DRV_MODE, NativePrefix);
            string? generic = native is null ? null : guard.TryXdp(filter.XdpGeneric, LibBpf.XDP_FLAGS_SKB_MODE, GenericPrefix);
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

    /// <summary>
    /// The filter that a former process left on the interface, with the present programs put in place of its own, each in one instant.
    /// Null if there is none, or not all of it. A program that the kernel refuses here leaves the old one in force (<paramref name="notes"/>).
    /// </summary>
    public static InterfaceGuard? Adopt(LoadedFilter filter, BpfFolder folder, NodeInterface device, List<string> notes)
    {
        var guard = new InterfaceGuard(folder, device);
        bool isNative = guard.AdoptLink(filter.Xdp, NativePrefix, notes);
        bool isGeneric = !isNative && guard.AdoptLink(filter.XdpGeneric, GenericPrefix, notes);
        guard.Mode = isNative ? FilterMode.Native : isGeneric ? FilterMode.Generic : FilterMode.Tc;
        guard.Reason = isNative ? "the driver supports XDP" : "as an earlier daemon found it";
        int program = guard.Mode == FilterMode.Tc ? filter.Tc : filter.Companion;
        if (guard.AdoptLink(program, TcxPrefix, notes))
            return guard;
        guard._clsact = ClsactFilter.Adopt(program, folder, device, notes);
        if (guard._clsact is not null)
            return guard;
        guard.Detach();
        return null;
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

    /// <summary>Whether native XDP is tried on an interface of this kind.</summary>
    public static bool MayBeNative(string kind) => kind != BondKind;

    private static bool IsSentAtTc(FilterMode mode, string kind) => mode == FilterMode.Native && kind == "veth";

    /// <summary>Why the kernel refused, or null.</summary>
    private string? TryXdp(int program, uint mode, string prefix)
    {
        var options = new BpfLinkCreateOptions { Size = (nuint)sizeof(BpfLinkCreateOptions), Flags = mode };
        int link = LibBpf.bpf_link_create(program, Device.Index, LibBpf.BPF_XDP, &options);
        if (link < 0)
            return Explain(Marshal.GetLastPInvokeError());
        Keep(link, $"{prefix}{Device.Index}");
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
                Keep(link, $"{TcxPrefix}{Device.Index}");
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

    private bool AdoptLink(int program, string prefix, List<string> notes)
    {
        string pin = $"{prefix}{Device.Index}";
        int link = _folder.TryOpen(pin);
        if (link < 0)
            return false;
        if (LibBpf.bpf_link_update(link, program, null) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.ENOLINK)
            {
                // The interface has gone, and this one has got its number.
                LibC.close(link);
                _folder.Unpin(pin);
                return false;
            }
            notes.Add(Errno.Describe($"{Device.Name}: the earlier version of the packet filter stays in force, replacing it was refused", errno));
        }
        _links.Add((link, pin));
        return true;
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
