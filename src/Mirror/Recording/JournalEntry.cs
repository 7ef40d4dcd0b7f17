using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>What the journal keeps of an operation. Pure.</summary>
/// <param name="IsOperation">The operation itself, in order.</param>
/// <param name="Dirty">That this range of its file has changed.</param>
/// <param name="Gone">That this file has no name left, and its content need not be copied; 0: none.</param>
internal readonly record struct JournalEntry(bool IsOperation, ByteRange? Dirty, ulong Gone)
{
    private const uint CollapseRange = 0x08;
    private const uint InsertRange = 0x20;
    private const uint RenameExchange = 2;

    /// <summary>The content that an operation changes: a write, a hole, fallocate(2).</summary>
    public static ByteRange? RangeOf(in OperationHeader header, int dataBytes) => header.Kind switch
    {
        OperationKind.Write => new ByteRange(header.Offset, header.Offset + dataBytes),
        OperationKind.Allocate when (header.Argument & (CollapseRange | InsertRange)) != 0 => new ByteRange(header.Offset, ByteRange.ToTheEnd),
        OperationKind.Allocate or OperationKind.Hole => new ByteRange(header.Offset, header.Offset + header.Length),
        _ => null,
    };

    public static JournalEntry Of(in OperationHeader header, int dataBytes)
    {
        switch (header.Kind)
        {
            case OperationKind.Write or OperationKind.Hole:
                return new(false, RangeOf(header, dataBytes), FileId.None);

            // They move the content behind the range, dirty ranges too; and they fail where the other node's file is still shorter.
            case OperationKind.Allocate when (header.Argument & (CollapseRange | InsertRange)) != 0:
                return new(false, RangeOf(header, dataBytes), FileId.None);

            case OperationKind.Unlink when header.Flags.HasFlag(OperationFlags.LastName):
                return new(true, null, header.File);

            case OperationKind.Rename when header.Flags.HasFlag(OperationFlags.LastName) && (header.Argument & RenameExchange) == 0:
                return new(true, null, header.OtherFile);

            // A file that comes back with a name, or that a survey had reached last.
            case OperationKind.Attributes when !header.Flags.HasFlag(OperationFlags.Verify):
            case OperationKind.Introduce:
            case OperationKind.Create:
            case OperationKind.Link:
            case OperationKind.Unlink:
            case OperationKind.RemoveDirectory:
            case OperationKind.Rename:
            case OperationKind.SetAttributes:
            case OperationKind.SetXattr:
            case OperationKind.RemoveXattr:
            case OperationKind.Allocate:
                return new(true, null, FileId.None);

            // Barriers have nobody to wait for; surveys, verifications and signs of life belong to a connection.
            default:
                return default;
        }
    }
}
