using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// What a tree tells about its changes, and whom its callers wait for. Called by many worker threads at once; nothing here waits for the
/// network. What is called outside a tree's locks only: entering, leaving and waiting. Everything else may be called under them, and must
/// not call back.
/// </summary>
public interface IChangeRecorder : IChangeMarks
{
    /// <summary>
    /// Enters the change gate. False where the window is full: <paramref name="request"/> is kept and resumed when there is room, and the
    /// caller goes on with
    /// other work. What was entered is left with <see cref="Exit"/>, by the same thread.
    /// </summary>
    bool TryEnter(IParkedRequest request);

    void Exit();

    /// <summary>
    /// Inside the gate, before another piece of something long: waits while the window is full. May be called under a tree's locks, by whoever
    /// accepts that others wait for them.
    /// </summary>
    /// <returns>False where the connection is about to end: what was begun cannot be completed.</returns>
    bool AwaitRoom();

    /// <summary>
    /// Identity of the present epoch: ids introduced in another one are unknown now. Stable inside the gate; 0: nothing is recorded.
    /// </summary>
    ulong Epoch { get; }

    /// <summary>Whether files are introduced when they are first named. Stable inside the gate.</summary>
    Introduction Introduction { get; }

    /// <summary>During a survey: whether the other node knows this file already.</summary>
    bool IsIntroduced(byte tree, ulong file);

    /// <summary>
    /// During a survey: whether one of the names went under which the other node knew this file: it may have no name there any more, until it
    /// is listed again.
    /// </summary>
    bool HasDeparted(byte tree, ulong file);

    /// <summary>During a survey: whether the other node has this directory's names already, so that changes of names in it are recorded.</summary>
    bool IsListed(byte tree, ulong directory);

    /// <summary>
    /// Numbers and keeps an operation that has succeeded locally; the bytes are copied. Called inside the gate, under the lock that orders
    /// the change.
    /// </summary>
    /// <param name="handle">Of <c>header.File</c>: by it the file is found again when only the range was kept.</param>
    /// <returns>The sequence; 0 when nothing is recorded.</returns>
    ulong Append(
        ref OperationHeader header,
        in FileHandle handle,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> otherName,
        ReadOnlySpan<byte> data);

    /// <summary>
    /// Calls <paramref name="waiter"/> once the other node has acknowledged everything up to <paramref name="sequence"/>, or the node has
    /// decided to go on alone; at once,
    /// on the calling thread, where nobody is to be waited for. May be called outside the gate.
    /// </summary>
    void WhenAcknowledged(ulong sequence, Acknowledgement level, IAcknowledgementWaiter waiter);

    /// <summary>
    /// The present epoch cannot describe what happens: a file that changes now has no name that is known. Everything has to be surveyed in
    /// a new epoch; what is
    /// still appended to this one counts for nothing.
    /// </summary>
    void GiveUpEpoch(string reason);

    /// <summary>
    /// During a survey: a directory is new in a listed one, or was moved there: it has been recorded as created, and is to be listed itself.
    /// </summary>
    void Appeared(byte tree, in FileSystem.SurveyedFile file);

    /// <summary>
    /// This node's disk did not keep what was written and recorded; the caller of fsync hears it. What the other node has is more
    /// than what will be read here once nothing of it is cached.
    /// </summary>
    void LostOnDisk(string reason)
    {
    }
}
