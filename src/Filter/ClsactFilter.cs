using System.Globalization;
using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>
/// Our filter at the classic tc ingress (clsact) of an interface, for kernels without tcx. It belongs to no descriptor: it stays
/// until it is removed. So that the next process knows of it, its program is pinned under a name that tells where it is.
/// </summary>
/// <param name="Ifindex">Kernel's index of the interface.</param>
/// <param name="IsHookOurs">The queueing discipline was made for this filter, and goes with it unless others use it.</param>
internal sealed unsafe record ClsactFilter(int Ifindex, bool IsHookOurs)
{
    private const string PinPrefix = InterfaceGuard.LinkPrefix + "clsact_";
    private const string HookOursSuffix = "_made";

    /// <summary>Ours alone, so that replacing and removing never meets somebody else's filter.</summary>
    private const uint Handle = 0x5AFE;

    /// <summary>First of all: another filter that accepts a packet ends the chain.</summary>
    private const uint Priority = 1;

    public string PinName =>
        PinPrefix + Ifindex.ToString(CultureInfo.InvariantCulture) + (IsHookOurs ? HookOursSuffix : "");

    /// <summary>The filter that a pin stands for, or null.</summary>
    public static ClsactFilter? OfPin(string name)
    {
        if (!name.StartsWith(PinPrefix, StringComparison.Ordinal))
            return null;
        bool isHookOurs = name.EndsWith(HookOursSuffix, StringComparison.Ordinal);
        string number = name[PinPrefix.Length..(name.Length - (isHookOurs ? HookOursSuffix.Length : 0))];
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int ifindex)
            ? new ClsactFilter(ifindex, isHookOurs)
            : null;
    }

    /// <summary>Pins and attaches; a filter that a killed daemon left is replaced.</summary>
    public static ClsactFilter Attach(int program, BpfFolder folder, NodeInterface device)
    {
        BpfTcHook hook = Hook(device.Index, LibBpf.BPF_TC_INGRESS);
        LibBpfLog.Start();
        int made = LibBpf.bpf_tc_hook_create(&hook);
        var filter = new ClsactFilter(device.Index, made == 0);
        try
        {
            if (made != 0 && made != -Errno.EEXIST)
                throw Refused(device, made);
            folder.Pin(program, filter.PinName);
            BpfTcOptions options = Options();
            options.Program = program;
            options.Flags = LibBpf.BPF_TC_F_REPLACE;
            int error = LibBpf.bpf_tc_attach(&hook, &options);
            if (error == 0)
                return filter;
            throw Refused(device, error);
        }
        catch
        {
            folder.Unpin(filter.PinName);
            throw;
        }
        finally
        {
            LibBpfLog.Take();
        }
    }

    /// <summary>The present program in place of the one that a former process left; null if it left none.</summary>
    public static ClsactFilter? Adopt(int program, BpfFolder folder, NodeInterface device, List<string> notes)
    {
        ClsactFilter? filter = folder.NamesWith(PinPrefix).Select(OfPin).FirstOrDefault(one => one?.Ifindex == device.Index);
        if (filter is null)
            return null;
        BpfTcHook hook = Hook(device.Index, LibBpf.BPF_TC_INGRESS);
        BpfTcOptions options = Options();
        options.Program = program;
        options.Flags = LibBpf.BPF_TC_F_REPLACE;
        LibBpfLog.Start();
        int error = LibBpf.bpf_tc_attach(&hook, &options);
        string log = LibBpfLog.Take();
        if (error == 0)
            folder.PinOver(program, filter.PinName);
        else
            notes.Add(log + Errno.Describe(
                $"{device.Name}: the earlier version of the packet filter stays in force, replacing it was refused", -error));
        return filter;
    }

    /// <summary>Error text, or null. What is gone already, with its interface perhaps, is no error.</summary>
    public string? Remove()
    {
        LibBpfLog.Start();
        try
        {
            BpfTcHook hook = Hook(Ifindex, LibBpf.BPF_TC_INGRESS);
            BpfTcOptions options = Options();
            int error = LibBpf.bpf_tc_detach(&hook, &options);
            if (error is not (0 or -Errno.ENOENT or -Errno.ENODEV or -Errno.EINVAL))
                return Errno.Describe($"remove the packet filter from tc ingress of interface {Ifindex}", -error);
            if (IsHookOurs && IsUnused("ingress") && IsUnused("egress"))
            {
                BpfTcHook both = Hook(Ifindex, LibBpf.BPF_TC_INGRESS | LibBpf.BPF_TC_EGRESS);
                LibBpf.bpf_tc_hook_destroy(&both);
            }
            return null;
        }
        finally
        {
            LibBpfLog.Take();
        }
    }

    /// <summary>Without a certain answer the hook is left alone: an empty one costs nothing, and others may use it.</summary>
    private bool IsUnused(string direction) =>
        Tool.Try(out string filters, "tc", "filter", "show", "dev", $"if{Ifindex}", direction) is null && filters.Trim() == "";

    private static SafeKitException Refused(NodeInterface device, int error) =>
        new(Errno.Describe($"attach the packet filter to {device.Name} at tc ingress (clsact)", -error) +
            $": see 'tc filter show dev {device.Name} ingress' for another filter of priority {Priority}; " +
            $"the kernel needs CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF. {LibBpfLog.Take()}");

    private static BpfTcHook Hook(int ifindex, int attachPoint) =>
        new() { Size = (nuint)sizeof(BpfTcHook), Ifindex = ifindex, AttachPoint = attachPoint };

    private static BpfTcOptions Options() =>
        new() { Size = (nuint)sizeof(BpfTcOptions), Handle = Handle, Priority = Priority };
}
