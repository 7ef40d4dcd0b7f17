using SafeKit.Core;
using SafeKit.Mirror.Marks;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// The marks of a former primary as they come in: taken by the thread that reads the answers, awaited by the one that compares. Bounded.
/// </summary>
internal sealed class OwnMarksReception(bool isExpected)
{
    private const int CountMax = 200_000;

    private readonly List<MarkRecord> _marks = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="SafeKitException">It is none, or none were expected.</exception>
    public void Take(AnswerHeader answer, string text)
    {
        Span<byte> path = stackalloc byte[MarkRecord.PathBytesMax];
        int bytes = 0;
        bool isSound = isExpected && !_ended.Task.IsCompleted && _marks.Count < CountMax
            && answer.First >= 0 && answer.Second >= answer.First
            && answer.Third is (long)MarkKind.Directory or (long)MarkKind.Range or (long)MarkKind.Whole
            && Convert.TryFromBase64String(text, path, out bytes);
        if (!isSound)
            throw new SafeKitException("the secondary sends a mark that is none; both nodes must run the same version");
        _marks.Add(new MarkRecord((MarkKind)answer.Third, answer.Tree, path[..bytes].ToArray(), answer.First, answer.Second));
    }

    /// <exception cref="SafeKitException">Some are missing.</exception>
    public void End(long count)
    {
        if (count != _marks.Count)
            throw new SafeKitException($"the secondary has sent {_marks.Count} of {count} marks");
        _ended.TrySetResult();
    }

    /// <summary>All of them; none where none were expected.</summary>
    /// <exception cref="OperationCanceledException">The connection has ended.</exception>
    public IReadOnlyList<MarkRecord> Await(CancellationToken cancel)
    {
        if (isExpected)
            _ended.Task.Wait(cancel);
        return _marks;
    }
}
