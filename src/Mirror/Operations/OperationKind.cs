namespace SafeKit.Mirror.Operations;

/// <summary>
/// What an operation does. Written to disk and to the network: numbers are appended, never reordered. Which fields of <see
/// cref="OperationHeader"/> count is said with each kind; <c>File</c> and <c>MtimeNs</c> belong together everywhere, likewise <c>Parent</c> and
/// <c>ParentMtimeNs</c>, <c>OtherParent</c> and <c>OtherParentMtimeNs</c>.
/// </summary>
public enum OperationKind : ushort
{
    None = 0,

    /// <summary>From here on File means what is called Name in Parent.</summary>
    Introduce = 1,

    /// <summary>A new File called Name in Parent: Mode (type and permissions), UserId, GroupId, Device; Data is a symbolic link's target.</summary>
    Create = 2,

    /// <summary>File gets one more name: Name in Parent.</summary>
    Link = 3,

    /// <summary>Name in Parent is gone. With <see cref="OperationFlags.LastName"/> File has no name left and is never named again.</summary>
    Unlink = 4,

    RemoveDirectory = 5,

    /// <summary>
    /// File moves from Name in Parent to OtherName in OtherParent. Argument holds RENAME_NOREPLACE or RENAME_EXCHANGE. OtherFile is what
    /// OtherName meant before, or 0; with LastName it has no name left.
    /// </summary>
    Rename = 6,

    /// <summary>Data is written to File at Offset.</summary>
    Write = 7,

    /// <summary>
    /// Attributes of File that Argument names (<see cref="AttributeMask"/>): Mode, UserId, GroupId, Length (the size); the modification
    /// time is MtimeNs.
    /// </summary>
    SetAttributes = 8,

    /// <summary>Extended attribute Name of File becomes Data; Argument holds XATTR_CREATE or XATTR_REPLACE as the caller gave them.</summary>
    SetXattr = 9,

    RemoveXattr = 10,

    /// <summary>fallocate(2) on File: Argument is its mode, Offset, Length.</summary>
    Allocate = 11,

    /// <summary>A barrier: File is to reach the disk. With <see cref="OperationFlags.DataOnly"/> fdatasync(2) is enough.</summary>
    Sync = 12,

    /// <summary>A barrier: the whole tree is to reach the disk.</summary>
    SyncTree = 13,

    /// <summary>Only in a journal: Length bytes of File from Offset have changed. Data is its <see cref="FileHandle"/> on the primary.</summary>
    MarkRange = 20,

    /// <summary>
    /// Part of a survey: Data holds the entries of directory File at this point of the stream (<see cref="ListingEntry"/>); more parts follow with
    /// <see cref="OperationFlags.More"/>. The other node makes its directory hold exactly these names. Every entry is introduced.
    /// </summary>
    Listing = 32,

    /// <summary>
    /// Part of a survey: all attributes of File as they are here: Mode, UserId, GroupId, Length (size), MtimeNs; Data holds its extended attributes
    /// (<see cref="XattrList"/>), which become exactly those.
    /// </summary>
    Attributes = 33,

    /// <summary>
    /// Part of a survey: the digest (SHA-256, in Data) of Length bytes of File from Offset as they are at this point of the stream. Bytes
    /// past the end count as absent; Argument says how many there are. The other node asks for the range where its own digest differs.
    /// </summary>
    Digest = 34,

    /// <summary>Part of a reintegration: a piece of File that is a hole here becomes one there: Offset, Length.</summary>
    Hole = 35,

    /// <summary>
    /// Everything before this point makes the trees equal. Data is the generation record (JSON) that the other node is to keep. It answers with <see
    /// cref="Stream.AnswerKind.UpToDate"/> once all of it is on its disk.
    /// </summary>
    ReintegrationEnd = 40,

    /// <summary>End of a verification; the other node answers with its count of differences.</summary>
    VerifyEnd = 41,

    /// <summary>
    /// Everything before this point is to reach the disk of the other node, which writes down that it has it and answers with <see
    /// cref="Stream.AnswerKind.CheckpointKept"/>.
    /// </summary>
    Checkpoint = 42,

    /// <summary>Nothing changed; asks for an acknowledgement, so that a connection without work is seen to live.</summary>
    Ping = 50,

    /// <summary>The primary is about to close the connection in good order; nothing follows.</summary>
    Leave = 51,
}
