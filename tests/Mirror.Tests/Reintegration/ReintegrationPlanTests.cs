using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Reintegration;
using SafeKit.Mirror.Stream;

namespace SafeKit.Mirror.Tests.Reintegration;

public sealed class ReintegrationPlanTests
{
    private static readonly Guid _chapter = Guid.NewGuid();

    private static Checkpoint Kept => new(5, 40);

    private static Checkpoint Asked => new(7, 15);

    public static TheoryData<string, Case, string> Cases => new()
    {
        { "fullsync here goes before everything", new() { CopiesWhole = true, Relation = GenerationRelation.Diverged, MapEpoch = 7, MapSequence = 20 }, "Full 1" },
        { "fullsync there too", new() { Full = true, Relation = GenerationRelation.Unrelated }, "Full 1" },
        { "diverged", new() { Relation = GenerationRelation.Diverged, MapEpoch = 7, MapSequence = 20 }, "refused" },
        { "unrelated", new() { Relation = GenerationRelation.Unrelated }, "refused" },
        { "newer there", new() { Relation = GenerationRelation.PeerIsNewer }, "refused" },
        { "own data no good", new() { Relation = GenerationRelation.OwnUnusable }, "refused" },
        { "no data is good", new() { Relation = GenerationRelation.NeitherUsable }, "refused" },
        { "nothing recorded", new() { Epoch = 0, RecordEpoch = 3, RecordSequence = 99 }, "Survey 1" },
        { "nothing recorded, and a survivor of no epoch", new() { Epoch = 0, MapEpoch = 0 }, "Survey 1" },
        { "journal given up", new() { GivenUp = "too long", MapEpoch = 7, MapSequence = 10 }, "Survey 1" },
        { "survivor goes on", new() { MapEpoch = 7, MapSequence = 12 }, "Changes 13 keeps" },
        { "survivor whose data is between states", new() { MapEpoch = 7, MapSequence = 12, Relation = GenerationRelation.PeerUnusable }, "Changes 13 keeps" },
        { "survivor misses the journal's first", new() { First = 10, MapEpoch = 7, MapSequence = 9 }, "Changes 10 keeps" },
        { "survivor of before the journal", new() { First = 10, MapEpoch = 7, MapSequence = 8 }, "Survey 1" },
        { "survivor misses nothing", new() { MapEpoch = 7, MapSequence = 20 }, "None 21 keeps" },
        { "survivor misses ranges only", new() { MapEpoch = 7, MapSequence = 20, HasDirty = true }, "Changes 21 keeps" },
        { "survivor knows more than there was", new() { MapEpoch = 7, MapSequence = 21 }, "Survey 1" },
        { "survivor of another epoch", new() { MapEpoch = 6, MapSequence = 12 }, "Survey 1" },
        { "left where the journal begins", new() { RecordEpoch = 3, RecordSequence = 99 }, "Changes 1" },
        { "left there, and nothing happened since", new() { RecordEpoch = 3, RecordSequence = 99, Last = 0 }, "None 1" },
        { "left there, and ranges changed since", new() { RecordEpoch = 3, RecordSequence = 99, Last = 0, HasDirty = true }, "Changes 1" },
        { "left there, but its data is no good", new() { RecordEpoch = 3, RecordSequence = 99, Relation = GenerationRelation.PeerUnusable }, "Survey 1" },
        { "left there, but the journal begins later", new() { RecordEpoch = 3, RecordSequence = 99, First = 2 }, "Survey 1" },
        { "left elsewhere", new() { RecordEpoch = 3, RecordSequence = 98 }, "Survey 1" },
        { "left in another epoch", new() { RecordEpoch = 4, RecordSequence = 99 }, "Survey 1" },
        { "both positions unknown are no position", new() { BaseEpoch = 0, BaseSequence = 0 }, "Survey 1" },
        { "same data and no position", new() { Relation = GenerationRelation.Same }, "Survey 1" },
        { "a checkpoint of its disk", new() { Checkpoint = Kept }, "Marked 1" },
        { "a checkpoint, and half changed by a comparison", new() { Checkpoint = Kept, Relation = GenerationRelation.PeerUnusable }, "Marked 1" },
        { "a checkpoint, and no journal", new() { Checkpoint = Kept, GivenUp = "too long" }, "Marked 1" },
        { "a checkpoint, but the journal has everything", new() { Checkpoint = Kept, MapEpoch = 7, MapSequence = 12 }, "Changes 13 keeps" },
        { "a checkpoint that was asked for last", new() { Checkpoint = Asked }, "Marked 1" },
        { "marks given up since the older one", new() { Checkpoint = Asked, MarksGivenUp = "a directory moved" }, "Marked 1" },
        { "marks given up", new() { Checkpoint = Kept, MarksGivenUp = "a directory moved" }, "Survey 1" },
        { "a checkpoint of another time", new() { Checkpoint = new(5, 3) }, "Survey 1" },
        { "a checkpoint, but other changes too", new() { Checkpoint = Kept, Relation = GenerationRelation.Diverged }, "refused" },
        { "a checkpoint, and fullsync", new() { Checkpoint = Kept, Full = true }, "Full 1" },
        { "a checkpoint of the time when it was primary", new() { Checkpoint = Kept, HasOwnMarks = true }, "Marked 1" },
        { "one that was asked for last", new() { Checkpoint = Asked, HasOwnMarks = true }, "Marked 1" },
        { "one of that time that is not known here", new() { Checkpoint = new(5, 3), HasOwnMarks = true }, "Survey 1" },
        { "one of that time, but marks given up here", new() { Checkpoint = Kept, HasOwnMarks = true, MarksGivenUp = "a directory moved" }, "Survey 1" },
        { "one of that time, but other changes too", new() { Checkpoint = Kept, HasOwnMarks = true, Relation = GenerationRelation.Diverged }, "refused" },
        { "one of that time, and fullsync", new() { Checkpoint = Kept, HasOwnMarks = true, Full = true }, "Full 1" },
        { "marks of that time that are damaged", new() { Problem = "its mark log is damaged" }, "Survey 1" },
        { "never synchronised", new() { Relation = GenerationRelation.PeerUnusable }, "Survey 1" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void TheFirstRuleThatAppliesDecides(string name, Case given, string expected)
    {
        var record = new GenerationRecord(_chapter, [], DataStanding.Paired, false, given.RecordEpoch, given.RecordSequence);
        var hello = new Hello(1, "m", "n2", "", given.Full, record, given.MapEpoch, given.MapSequence, given.Checkpoint.Epoch, given.Checkpoint.Sequence,
            given.HasOwnMarks, given.Problem);
        var position = new RecorderPosition(given.Epoch, given.First, given.Last, given.BaseEpoch, given.BaseSequence, given.GivenUp, given.HasDirty)
        {
            Marks = new MarksPosition(Kept, Asked, given.MarksGivenUp, null, 1, 1, 1),
        };

        ReintegrationDecision decision = ReintegrationPlan.Decide(new(given.Relation, Guid.Empty, "because"), hello, position, given.CopiesWhole);

        string shown = decision.IsRefused ? "refused" : $"{decision.Kind} {decision.FirstSequence}{(decision.KeepsMap ? " keeps" : "")}";
        Assert.True(expected == shown, $"{name}: {shown}");
        Assert.NotEmpty(decision.Rule);
        Assert.Contains(given.Problem, decision.Rule, StringComparison.Ordinal);
        Assert.Equal(given.HasOwnMarks && shown == "Marked 1", decision.Rule.EndsWith("and what it changed as primary", StringComparison.Ordinal));
    }

    public sealed record Case
    {
        public GenerationRelation Relation { get; init; } = GenerationRelation.OwnIsNewer;

        public bool CopiesWhole { get; init; }

        public bool Full { get; init; }

        public ulong Epoch { get; init; } = 7;

        public ulong First { get; init; } = 1;

        public ulong Last { get; init; } = 20;

        public ulong BaseEpoch { get; init; } = 3;

        public ulong BaseSequence { get; init; } = 99;

        public string? GivenUp { get; init; }

        public bool HasDirty { get; init; }

        public ulong MapEpoch { get; init; }

        public ulong MapSequence { get; init; }

        public ulong RecordEpoch { get; init; }

        public ulong RecordSequence { get; init; }

        public Checkpoint Checkpoint { get; init; }

        public string? MarksGivenUp { get; init; }

        public bool HasOwnMarks { get; init; }

        public string Problem { get; init; } = "";
    }
}
