namespace SafeKit.Mirror.Recording;

/// <summary>How files become known to the other node in the present epoch.</summary>
public enum Introduction
{
    /// <summary>Nothing is recorded.</summary>
    None,

    /// <summary>A file or directory is introduced by its name before the first operation on it.</summary>
    WhenFirstNamed,

    /// <summary>
    /// A survey introduces: an operation on a file that it has not reached yet, or on a name in a directory that it has not listed yet, is not
    /// recorded, for the survey
    /// will find its outcome. What is created in, linked or moved into a listed directory is introduced with that.
    /// </summary>
    BySurvey,
}
