using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using SafeKit.Core;
using SafeKit.Filter.Layout;

namespace SafeKit.Filter.Tests.Kernel;

/// <summary>The structs, limits and enums that C and C# share, compared by the C compiler.</summary>
public sealed class LayoutTests
{
    private static readonly StringBuilder _assertions = new();

    [Fact]
    public void SharedStructsAreTheSame()
    {
        _assertions.Clear().AppendLine("#include <stddef.h>").AppendLine("#include \"filter_structs.h\"");
        Struct<RuleEntry>("filter_rule", "Protocol protocol", "Input input", "AnyPort any_port", "Group group", "Port port", "Slot slot",
            "NotesActivity notes_activity");
        Struct<AddressEntry>("filter_address", "High high", "Low low", "Ifindex ifindex", "Family family", "RuleCount rule_count",
            "VirtualMac virtual_mac", "OwnMac own_mac", "IsDirected is_directed", "Self self", "EntryGroup entry_group", "EntrySlot entry_slot",
            "SendsAtTc sends_at_tc", "AnswersSyns answers_syns", "Rules rules");
        Struct<MemberKey>("member_key", "Ifindex ifindex", "Node node");
        Struct<MacKey>("mac_key", "Ifindex ifindex", "Mac mac");
        Struct<MemberMac>("member_mac", "Mac mac");
        Struct<MemberMac>("asker_value", "Mac mac");
        Struct<AskerKey>("asker_key", "AddressHigh address_high", "AddressLow address_low", "ClientHigh client_high", "ClientLow client_low");
        Struct<PlanEntry>("filter_plan", "HashSeed hash_seed", "IndexMultiplier index_multiplier", "Index index", "Addresses addresses");
        Struct<SlotEntry>("filter_slot", "LeaseUntilNs lease_until_ns", "Active active", "Generation generation");
        Struct<HeldKey>("held_key", "ClientHigh client_high", "ClientLow client_low", "AddressHigh address_high", "AddressLow address_low",
            "ClientPort client_port", "ServerPort server_port", "Family family", "Slot slot", "Bucket bucket", "Group group");
        Struct<HeldValue>("held_value", "Generation generation", "Orphan orphan", "ClientExpects client_expects", "Closes closes");
        Struct<ControlEntry>("filter_control", "JiffyNs jiffy_ns", "JiffiesLatestNs jiffies_latest_ns", "ActivePlan active_plan", "Slots slots");
        Value("BUCKETS_PER_GROUP", Unsafe.SizeOf<RowsEntry>());
        Value("sizeof(struct filter_activity)", Unsafe.SizeOf<ActivityEntry>());
        Value("sizeof(struct filter_routes)", Unsafe.SizeOf<RoutesEntry>());
        Value("ROUTE_HOLDERS", Limits.RouteHolders);
        Value("NO_NODE", SharedLimits.NoNode);
        Value("NODES_MAX", Limits.NodesMax);
        Value("ASKERS_MAX", SharedLimits.AskersMax);
        Value("GROUPS_MAX", Limits.GroupsMax);
        Value("SLOTS_MAX", SharedLimits.SlotsMax);
        Value("VERSIONS_PER_GROUP", SharedLimits.VersionsPerGroup);
        Value("ADDRESSES_MAX", Limits.VirtualAddressesMax);
        Value("RULES_PER_ADDRESS_MAX", Limits.RulesPerAddressMax);
        Value("ADDRESS_INDEX_SIZE", SharedLimits.AddressIndexSize);
        Value("ADDRESS_INDEX_BITS", SharedLimits.AddressIndexBits);
        Value("NO_ADDRESS", SharedLimits.NoAddress);
        Value("VLAN_TAGS_MAX", SharedLimits.VlanTagsMax);
        Value("IPV6_HEADERS_MAX", SharedLimits.Ipv6HeadersMax);
        Value("IPV6_HEADERS_INNER_MAX", SharedLimits.Ipv6HeadersInnerMax);
        Value("REASONS_MAX", SharedLimits.ReasonsMax);
        Value("ROW_MINE", (int)RowFlags.Mine);
        Value("ROW_MAY_HOLD_CONNECTIONS", (int)RowFlags.MayHoldConnections);
        Value("ROW_HOLD_RESETS", (int)RowFlags.HoldResets);
        Value("SYN_BY_KERNEL", (int)SynAnswer.ByKernel);
        Value("SYN_BY_XDP", (int)SynAnswer.ByXdp);
        Value("SYN_AT_TC", (int)SynAnswer.AtTc);
        Value("offsetof(struct filter_counters, cookies)", SharedLimits.ReasonsMax * sizeof(ulong));
        Value("HASH_ADDRESS", (int)HashInput.Address);
        Value("HASH_ADDRESS_AND_PORT", (int)HashInput.AddressAndPort);
        Value("HASH_IP_IDENTIFICATION", (int)HashInput.IpIdentification);
        foreach (FilterReason reason in FilterReasons.All)
        {
            Value($"REASON_{reason.Name().ToUpperInvariant()}", (int)reason);
            string name = $"REASON_{reason.Name().ToUpperInvariant()}";
            bool goesNoFurther = reason.Verdict() == FilterVerdict.Drop || reason == FilterReason.CookieSent;
            Value($"({name} >= REASON_DROPS && {name} < REASON_FORWARDS)", goesNoFurther ? 1 : 0);
            Value($"({name} >= REASON_FORWARDS)", reason.Verdict() == FilterVerdict.Forward ? 1 : 0);
        }
        Assert.Equal("", Compile(_assertions.ToString()));
    }

    private static void Struct<T>(string name, params string[] fields)
        where T : unmanaged
    {
        Value($"sizeof(struct {name})", Unsafe.SizeOf<T>());
        foreach (string[] pair in fields.Select(field => field.Split(' ')))
            Value($"offsetof(struct {name}, {pair[1]})", (int)Marshal.OffsetOf<T>(pair[0]));
    }

    private static void Value(string expression, int value) =>
        _assertions.AppendLine($"_Static_assert({expression} == {value}, \"{expression} is {value} in C#\");");

    /// <summary>The compiler's complaints. The filter itself is built by the same compiler, so it is there.</summary>
    private static string Compile(string source)
    {
        string sources = Path.Combine(SourceFolder(), "../../../ebpf");
        string[] include = [.. Directory.GetDirectories("/usr/include", "*-linux-gnu").Select(folder => "-I" + folder)];
        var start = new ProcessStartInfo("clang", ["-target", "bpf", "-fsyntax-only", .. include, "-I" + sources, "-x", "c", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Write(source);
            process.StandardInput.Close();
            return process.StandardError.ReadToEnd();
        }
        catch (Win32Exception exception)
        {
            return $"clang: {exception.Message}";
        }
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
