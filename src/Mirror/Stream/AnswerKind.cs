namespace SafeKit.Mirror.Stream;

/// <summary>What the secondary tells the primary on the same connection (<see cref="AnswerHeader"/>).</summary>
public enum AnswerKind : ushort
{
    None = 0,

    /// <summary>
    /// First = highest sequence received, Second = highest sequence applied, both cumulative; Third: nanoseconds the last apply batch took.
    /// </summary>
    Acknowledged = 1,

    /// <summary>First = sequence of a Sync or SyncTree that is on the secondary's disk; Third: nanoseconds its disk took.</summary>
    Durable = 2,

    /// <summary>The digest differed: File, First = offset, Second = length: send the content.</summary>
    NeedRange = 3,

    /// <summary>The answer to ReintegrationEnd: all of it is on the secondary's disk and its record says so.</summary>
    UpToDate = 4,

    /// <summary>An operation could not be applied: First = sequence, Second = errno, text = what and where. The connection ends.</summary>
    ApplyFailed = 5,

    /// <summary>A difference found by a verification; text = path and what differs. Bounded in number; First = count so far.</summary>
    Difference = 6,

    /// <summary>The answer to VerifyEnd: First = number of differences.</summary>
    Verified = 7,

    /// <summary>The secondary stops in good order: First = last applied sequence; all of it is on its disk. The connection ends.</summary>
    Leaving = 8,

    /// <summary>The digest was equal: File, First = offset, Second = length; paces the survey.</summary>
    HasRange = 9,

    /// <summary>The secondary's administrator asks for a verification.</summary>
    AskVerify = 10,

    /// <summary>
    /// The secondary is about to stop in good order: the primary sends <see cref="Operations.OperationKind.Leave"/> and nothing behind it, the
    /// secondary applies everything and
    /// answers with <see cref="Leaving"/>: so it knows exactly what it has, however busy the primary is.
    /// </summary>
    AskLeave = 11,

    /// <summary>First = sequence of a Checkpoint: everything up to it is on the secondary's disk, and its file says so.</summary>
    CheckpointKept = 12,

    /// <summary>A listing named a file that was not here: File, First = directory: send its attributes and its content.</summary>
    NeedFile = 13,

    /// <summary>File = a directory: its listing is applied, and what was missing was asked for.</summary>
    Listed = 14,

    /// <summary>
    /// A mark of the time when this node was primary: First and Second = range, empty for none of the content, Third = kind
    /// (<see cref="Marks.MarkKind"/>), text = path in Base64.
    /// </summary>
    OwnMark = 15,

    /// <summary>First = number of marks: that were all of them.</summary>
    OwnMarksEnd = 16,
}
