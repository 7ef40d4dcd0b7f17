namespace SafeKit.Mirror.Marks;

/// <summary>What a record of the mark log says. Written to disk by number.</summary>
internal enum MarkKind : byte
{
    None = 0,

    /// <summary>First record of an epoch; path: chapter and directories that the marks belong to.</summary>
    Begin = 1,

    /// <summary>Names in a directory, or its attributes.</summary>
    Directory = 2,

    /// <summary>Attributes of a file, and a range of its content.</summary>
    Range = 3,

    /// <summary>Everything of the file under this path: it may be another one than on the other node.</summary>
    Whole = 4,

    /// <summary>Not everything of the epoch is marked; path: why.</summary>
    GiveUp = 5,

    /// <summary>A checkpoint is on the disks of both nodes, since which everything is marked. Start: its epoch, end: its sequence.</summary>
    Confirm = 6,
}
