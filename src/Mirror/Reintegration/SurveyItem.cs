using SafeKit.Mirror.FileSystem;

namespace SafeKit.Mirror.Reintegration;

/// <summary>A regular file whose content is being compared. The survey's lock guards it.</summary>
internal sealed class SurveyItem(byte tree, SurveyedFile file)
{
    public byte Tree => tree;

    public SurveyedFile File => file;

    /// <summary>Digests sent and not answered.</summary>
    public int Unanswered { get; set; }

    /// <summary>Pieces asked for and not yet sent.</summary>
    public int Uncopied { get; set; }

    /// <summary>Threads that are sending its digests: a file can be found twice.</summary>
    public int Askers { get; set; }

    /// <summary>Content was sent: its attributes follow once more, for writing takes away some of them (file capabilities, set-user-id).</summary>
    public bool HasDiffered { get; set; }

    /// <summary>Other files that have got the number since.</summary>
    public List<SurveyedFile> Successors { get; } = [];

    public bool IsDone => Askers == 0 && Unanswered == 0 && Uncopied == 0;
}
