using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Filter.Layout;

namespace SafeKit.Filter;

/// <summary>Writes a plan in the form that the filter reads.</summary>
internal static class PlanWriter
{
    private const int MultipliersMax = 100_000;

    /// <summary>The address as two words as they stand in the packet (IPv4 in the low one).</summary>
    public static (ulong High, ulong Low, byte Family) Key(IPAddress address)
    {
        ReadOnlySpan<byte> bytes = address.GetAddressBytes();
        return bytes.Length == 4
            ? (0UL, MemoryMarshal.Read<uint>(bytes), (byte)4)
            : (MemoryMarshal.Read<ulong>(bytes), MemoryMarshal.Read<ulong>(bytes[8..]), (byte)6);
    }

    /// <summary>The address that stands in a packet as these two words.</summary>
    public static IPAddress Address(ulong high, ulong low, byte family)
    {
        Span<byte> bytes = stackalloc byte[16];
        MemoryMarshal.Write(bytes, family == 4 ? low : high);
        MemoryMarshal.Write(bytes[8..], low);
        return new IPAddress(family == 4 ? bytes[..4] : bytes);
    }

    /// <param name="plan">A checked plan.</param>
    /// <param name="interfaceOf">An interface by its name.</param>
    /// <param name="rowsOf">For each group of the plan, the place of its rows.</param>
    /// <param name="entry">Not in force while it is written.</param>
    public static void Write(
        FilterPlan plan,
        Func<string, PlanInterface> interfaceOf,
        IReadOnlyList<int> rowsOf,
        ref PlanEntry entry)
    {
        entry = default;
        entry.HashSeed = plan.HashSeed;
        for (int i = 0; i < plan.Addresses.Count; i++)
            WriteAddress(plan.Addresses[i], plan, interfaceOf, rowsOf, ref entry.Addresses[i]);
        WriteIndex(plan.Addresses.Count, ref entry);
    }

    private static void WriteAddress(
        FilterAddress address,
        FilterPlan plan,
        Func<string, PlanInterface> interfaceOf,
        IReadOnlyList<int> rowsOf,
        ref AddressEntry entry)
    {
        (entry.High, entry.Low, entry.Family) = Key(address.Address);
        PlanInterface place = interfaceOf(address.Interface);
        entry.Ifindex = (uint)place.Index;
        (address.IsDirected ? place.Mac : address.VirtualMac).Write(entry.VirtualMac);
        place.Mac.Write(entry.OwnMac);
        entry.IsDirected = address.IsDirected ? (byte)1 : (byte)0;
        entry.SendsAtTc = place.SendsAtTc ? (byte)1 : (byte)0;
        entry.AnswersSyns = !address.AnswersSyns ? SynAnswer.ByKernel : place.AnswersAtTc ? SynAnswer.AtTc : SynAnswer.ByXdp;
        entry.Self = (byte)address.Self;
        entry.EntryGroup = address.EntryGroup is { } group ? (byte)rowsOf[group] : SharedLimits.NoGroup;
        entry.EntrySlot = address.EntryGroup is { } number ? (byte)plan.Groups[number].Slot : (byte)0;
        foreach (FilterRule rule in address.Rules)
        {
            // Who answers ARP is a question of vmac_directed; in vmac_invisible everybody does, with a MAC that is nobody's.
            if (rule.Protocol == RuleProtocol.Arp)
                continue;
            entry.Rules[entry.RuleCount++] = new RuleEntry
            {
                Protocol = (byte)rule.Protocol,
                Input = (byte)rule.Input,
                AnyPort = rule.Port is null ? (byte)1 : (byte)0,
                Group = (byte)rowsOf[rule.Group],
                Port = NetworkOrder(rule.Port ?? 0),
                Slot = (byte)plan.Groups[rule.Group].Slot,
                NotesActivity = rule.NotesActivity ? (byte)1 : (byte)0,
            };
        }
    }

    /// <summary>A multiplier with which no two addresses meet in one cell: about one in seven does for 64 addresses.</summary>
    private static void WriteIndex(int count, ref PlanEntry entry)
    {
        var random = new Random((int)entry.HashSeed);
        for (int attempt = 0; attempt < MultipliersMax; attempt++)
        {
            entry.IndexMultiplier = (ulong)random.NextInt64() << 1 | 1;
            if (TryWriteIndex(count, ref entry))
                return;
        }
        Invariant.That(false, "some multiplier separates the virtual addresses");
    }

    private static bool TryWriteIndex(int count, ref PlanEntry entry)
    {
        Span<byte> cells = entry.Index;
        cells.Fill(SharedLimits.NoAddress);
        for (int i = 0; i < count; i++)
        {
            ulong key = entry.Addresses[i].Low ^ entry.Addresses[i].High * SharedLimits.AddressKeyMultiplier;
            ref byte cell = ref cells[(int)(key * entry.IndexMultiplier >> 64 - SharedLimits.AddressIndexBits)];
            if (cell != SharedLimits.NoAddress)
                return false;
            cell = (byte)i;
        }
        return true;
    }

    private static ushort NetworkOrder(ushort port) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(port) : port;
}
