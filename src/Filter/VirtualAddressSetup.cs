using System.Net;
using System.Net.Sockets;
using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>
/// What the node's network configuration needs for virtual addresses: the address itself (on <c>lo</c>, where nobody
/// announces it), ARP that never reveals the node's own MAC for it, and frames for the virtual MAC. Everything is
/// taken back by <see cref="Clear"/>, also by the next process after a crash (journal).
/// </summary>
internal sealed partial class VirtualAddressSetup(string journalPath) : IDisposable
{
    private const string LoopbackName = "lo";

    private readonly List<SetupEffect> _effects = [];
    private readonly Dictionary<string, string> _reception = [];
    private readonly Dictionary<(IPAddress Address, int Ifindex), Socket> _solicited = [];

    /// <summary>Groups of solicited nodes that could not be joined, and why.</summary>
    private readonly Dictionary<(IPAddress Address, string Interface), string> _unjoined = [];

    /// <summary>How frames for virtual MACs are received on an interface, in words.</summary>
    public string Reception(string name)
    {
        IEnumerable<string> unjoined = _unjoined.Where(one => one.Key.Interface == name).Select(
            one => $"solicited-node group of {one.Key.Address} not joined: {one.Value}; is IPv6 enabled on {name}?");
        return string.Join("; ", [_reception.GetValueOrDefault(name, "no virtual address here"), .. unjoined]);
    }

    /// <summary>Addresses that the node has through us, those included that could not be removed.</summary>
    public IEnumerable<IPAddress> Addresses =>
        _effects.Where(effect => effect.Kind == SetupEffect.Address).Select(effect => effect.ReadAddress());

    /// <summary>Refuses addresses that this node has elsewhere, before anything is changed.</summary>
    public static void Check(FilterPlan plan, IReadOnlyList<NodeInterface> interfaces)
    {
        foreach (FilterInterface one in plan.Interfaces)
        {
            bool usesVirtualMac = plan.Addresses.Any(address => address.Interface == one.Name && !address.IsDirected);
            InterfaceCheck.Check(NodeInterface.Require(interfaces, one.Name), interfaces, usesVirtualMac);
        }

        foreach (FilterAddress address in plan.Addresses)
        {
            NodeInterface? holder = interfaces.FirstOrDefault(
                one => one.Name != LoopbackName && one.Addresses.Contains(address.Address));
            if (holder is not null)
                throw new SafeKitException($"virtual address {address.Address} is this node's own address on {holder.Name}; " +
                    "remove it there or choose another virtual address");
        }
    }

    /// <summary>Adds what is missing for the plan. On failure the effects of this call are taken back.</summary>
    public void Extend(FilterPlan plan, IReadOnlyList<NodeInterface> interfaces)
    {
        int before = _effects.Count;
        try
        {
            foreach (FilterAddress address in plan.Addresses)
                ExtendFor(address, interfaces);
        }
        catch (Exception exception)
        {
            List<string> errors = TakeBack(_effects.Skip(before));
            if (errors.Count == 0)
                throw;
            throw new SafeKitException($"{exception.Message}; not taken back: {string.Join("; ", errors)}", exception);
        }
    }

    /// <summary>Takes back what the plan no longer needs; says what could not be, which is tried again the next time.</summary>
    public IReadOnlyList<string> Reduce(FilterPlan plan)
    {
        var wanted = plan.Addresses.SelectMany(SubjectsOf).ToHashSet();
        List<string> errors = TakeBack(_effects.Where(effect => !wanted.Contains(effect.Subject)));
        foreach ((IPAddress Address, int Ifindex) key in _solicited.Keys.ToList())
        {
            if (plan.Addresses.All(address => !address.Address.Equals(key.Address)) && _solicited.Remove(key, out Socket? socket))
                socket.Dispose();
        }
        foreach ((IPAddress Address, string Interface) key in _unjoined.Keys.ToList())
        {
            if (!plan.Addresses.Any(address => address.Address.Equals(key.Address) && address.Interface == key.Interface))
                _unjoined.Remove(key);
        }
        return errors;
    }

    /// <summary>Takes everything back; says what could not be, which stays in the journal.</summary>
    public IReadOnlyList<string> Clear()
    {
        List<string> errors = TakeBack(_effects);
        Dispose();
        return errors;
    }

    /// <summary>Adopts the journal of a process that did not take its effects back.</summary>
    public bool AdoptJournal()
    {
        if (!File.Exists(journalPath))
            return false;
        _effects.AddRange(File.ReadLines(journalPath).Select(SetupEffect.ParseLine).OfType<SetupEffect>());
        return _effects.Count > 0;
    }

    /// <summary>Leaves the configuration as it is; only the group memberships end with the process.</summary>
    public void Dispose()
    {
        foreach (Socket socket in _solicited.Values)
            socket.Dispose();
        _solicited.Clear();
    }

    /// <summary>The last effect first. What cannot be taken back is not forgotten.</summary>
    private List<string> TakeBack(IEnumerable<SetupEffect> effects)
    {
        var errors = new List<string>();
        foreach (SetupEffect effect in effects.Reverse().ToList())
        {
            if (effect.TakeBack() is { } error)
            {
                errors.Add(error);
                continue;
            }
            _effects.Remove(effect);
            WriteJournal();
        }
        return errors;
    }

    private void WriteJournal()
    {
        if (_effects.Count == 0)
        {
            File.Delete(journalPath);
            return;
        }
        string temporary = journalPath + ".new";
        File.WriteAllLines(temporary, _effects.Select(effect => effect.ToLine()));
        File.Move(temporary, journalPath, overwrite: true);
    }
}
