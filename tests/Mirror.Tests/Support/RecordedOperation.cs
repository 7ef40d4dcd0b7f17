using System.Text;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Tests.Support;

/// <summary>One operation as a <see cref="MemoryRecorder"/> keeps it.</summary>
internal sealed record RecordedOperation(OperationHeader Header, FileHandle Handle, byte[] NameBytes, byte[] OtherNameBytes, byte[] Data)
{
    public OperationKind Kind => Header.Kind;

    public string Name => Encoding.UTF8.GetString(NameBytes);

    public string OtherName => Encoding.UTF8.GetString(OtherNameBytes);

    public override string ToString() =>
        $"{Header.Sequence} {Kind} file={Header.File} parent={Header.Parent} {Name} other={Header.OtherParent} {OtherName} at={Header.Offset}+{Header.Length} data={Data.Length}";
}
