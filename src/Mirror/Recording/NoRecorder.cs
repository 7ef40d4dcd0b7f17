using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>For a tree whose changes nobody needs to know: the secondary's, which its users cannot change.</summary>
public sealed class NoRecorder : IChangeRecorder
{
    public ulong Epoch => 0;

    public Introduction Introduction => Introduction.None;

    public bool TryEnter(IParkedRequest request) => true;

    public void Exit()
    {
    }

    public bool AwaitRoom() => true;

    public bool IsIntroduced(byte tree, ulong file) => false;

    public bool HasDeparted(byte tree, ulong file) => false;

    public bool IsListed(byte tree, ulong directory) => false;

    public ulong Append(
        ref OperationHeader header, in FileHandle handle, ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherName, ReadOnlySpan<byte> data) => 0;

    public void WhenAcknowledged(ulong sequence, Acknowledgement level, IAcknowledgementWaiter waiter) => waiter.Acknowledged();

    public void GiveUpEpoch(string reason)
    {
    }

    public void Appeared(byte tree, in SurveyedFile file)
    {
    }
}
