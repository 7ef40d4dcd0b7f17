using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Filter.Layout;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>The list of connections whose packets are held back.</summary>
internal sealed unsafe partial class LoadedFilter
{
    /// <summary>Bounds the walk: entries come and go meanwhile, and the kernel then begins anew.</summary>
    private const int HeldWalkMax = 2 * SharedLimits.HeldMax;

    public List<(HeldKey Key, HeldValue Value)> ReadHeld()
    {
        var entries = new List<(HeldKey, HeldValue)>();
        HeldKey key, next;
        HeldKey* from = null;
        while (entries.Count < HeldWalkMax && LibBpf.bpf_map_get_next_key(Held, from, &next) == 0)
        {
            if (TryReadHeld(next, out HeldValue value))
                entries.Add((next, value));
            key = next;
            from = &key;
        }
        return entries;
    }

    /// <summary>False if the kernel has forgotten the entry.</summary>
    public bool TryReadHeld(HeldKey key, out HeldValue value)
    {
        fixed (HeldValue* into = &value)
            return LibBpf.bpf_map_lookup_elem(Held, &key, into) == 0;
    }

    /// <summary>An entry that the kernel has forgotten meanwhile stays forgotten.</summary>
    public void WriteHeld(HeldKey key, HeldValue value)
    {
        const ulong ExistingOnly = 2;
        if (LibBpf.bpf_map_update_elem(Held, &key, &value, ExistingOnly) != 0 && Errno.Last != Errno.ENOENT)
            throw new SafeKitException(Errno.Describe("mark a connection in the packet filter", Marshal.GetLastPInvokeError()));
    }
}
