using System.Globalization;
using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>What the filter does, and what it would do.</summary>
public sealed partial class PacketFilter
{
    private const string ProgramIdField = "prog_id:";

    /// <summary>Modes with their reasons, counters, program.</summary>
    public FilterStatus Status()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            InterfaceStatus[] interfaces = [.. _guards.Values.Select(guard =>
                new InterfaceStatus(guard.Device.Name, guard.Mode, guard.Reason, _setup.Reception(guard.Device.Name),
                    _plan?.Addresses.Any(address => address.IsDirected && address.Interface == guard.Device.Name) == true ? guard.Sending : null))];
            long[] packets = _loaded.ReadCounters();
            var counters = FilterReasons.All.ToDictionary(reason => reason.Name(), reason => packets[(int)reason]);
            return new FilterStatus(interfaces, counters, ReadProgramId(), [.. _notes]);
        }
    }

    /// <summary>SYNs that the filter has answered with cookies, by slot, since it was loaded. Does not wait for a plan.</summary>
    public long[] ReadCookies()
    {
        lock (_connectionsGate)
        {
            ThrowIfClosed();
            return _loaded.ReadCookies();
        }
    }

    /// <summary>
    /// What would become of a frame that arrived on the interface now: the same code in the kernel, without counting.
    /// </summary>
    public TraceVerdict Trace(ReadOnlySpan<byte> ethernetFrame, string interfaceName)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            if (!_guards.TryGetValue(interfaceName, out InterfaceGuard? guard))
                throw new SafeKitException($"interface {interfaceName} is not guarded; guarded are: {string.Join(", ", _guards.Keys)}");
            if (ethernetFrame.Length < LoadedFilter.FrameBytesMin)
                throw new SafeKitException($"a frame of {ethernetFrame.Length} bytes: Ethernet needs {LoadedFilter.FrameBytesMin}");
            TraceVerdict verdict = _loaded.Trace(ethernetFrame, (uint)guard.Device.Index);
            int group = Array.IndexOf(_rowsOfGroup, verdict.Group ?? -1);
            return group < 0 ? verdict with { Group = null, Bucket = null } : verdict with { Group = group };
        }
    }

    private uint? ReadProgramId()
    {
        if (_guards.Values.FirstOrDefault() is not { } guard)
            return null;
        int program = guard.Mode switch
        {
            FilterMode.Native => _loaded.Xdp,
            FilterMode.Generic => _loaded.XdpGeneric,
            _ => _loaded.Tc,
        };
        foreach (string line in File.ReadLines($"/proc/self/fdinfo/{program}"))
        {
            if (line.StartsWith(ProgramIdField, StringComparison.Ordinal))
                return uint.Parse(line[ProgramIdField.Length..], CultureInfo.InvariantCulture);
        }
        return null;
    }
}
