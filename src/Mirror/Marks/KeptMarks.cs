using System.Text;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Marks;

/// <summary>
/// What a former primary's mark log says after a crash: since <paramref name="Base"/>, which is on the disks of both nodes, nothing has
/// changed here but
/// what is marked.
/// </summary>
/// <param name="Base">None where the log is of no use.</param>
/// <param name="Problem">Why it is of no use; empty: it is.</param>
internal sealed record KeptMarks(Checkpoint Base, IReadOnlyList<MarkRecord> Marks, string Problem)
{
    /// <summary>Which data a log belongs to.</summary>
    /// <param name="directories">As both nodes must replicate them (<see cref="Stream.DirectoriesSignature"/>).</param>
    public static byte[] Owner(Guid chapter, string directories) => Encoding.UTF8.GetBytes($"{chapter:N} {directories}");

    public static KeptMarks Useless(string problem) => new(default, [], problem);

    /// <summary>Pure. Marks count from the newest epoch on that began at a checkpoint of both nodes.</summary>
    public static KeptMarks Of(MarkSlot one, MarkSlot other, ReadOnlySpan<byte> owner)
    {
        if (one.IsDamaged || other.IsDamaged)
            return Useless("its mark log is damaged");
        (MarkSlot older, MarkSlot newer) = one.IsEmpty || (!other.IsEmpty && one.Epoch < other.Epoch) ? (one, other) : (other, one);
        if (newer.IsEmpty)
            return Useless("its mark log is empty");
        if (!older.IsEmpty && (older.Log != newer.Log || older.Epoch != newer.Epoch - 1))
            return Useless("its mark log is damaged");
        MarkSlot[] counting = BaseOf(newer).IsNone && !older.IsEmpty ? [older, newer] : [newer];
        Checkpoint begun = BaseOf(counting[0]);
        if (begun.IsNone)
            return Useless("its mark log begins with no checkpoint that both nodes had");
        foreach (MarkSlot slot in counting)
        {
            if (slot.GivenUp is { } reason)
                return Useless($"its mark log was given up: {reason}");
            if (slot.Records.Count > 0 && !owner.SequenceEqual(slot.Records[0].Path))
                return Useless("its mark log is of other data");
        }

        return new KeptMarks(begun, [.. counting.SelectMany(slot => slot.Records).Where(IsMark)], "");
    }

    private static bool IsMark(MarkRecord record) => record.Kind is MarkKind.Directory or MarkKind.Range or MarkKind.Whole;

    private static Checkpoint BaseOf(MarkSlot slot)
    {
        Checkpoint last = default;
        foreach (MarkRecord record in slot.Records)
            last = record.Kind == MarkKind.Confirm ? record.Checkpoint : last;
        return last;
    }
}
