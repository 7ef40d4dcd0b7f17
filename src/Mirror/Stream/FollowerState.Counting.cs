using System.Diagnostics;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Replay;

namespace SafeKit.Mirror.Stream;

/// <summary>What is counted for status and for a verification. Written by the applying thread alone.</summary>
internal sealed partial class FollowerState
{
    private const int DifferencesTold = 1000;

    private readonly List<string> _differences = [];
    private long _differenceCount;
    private long _verifiedFiles;
    private long _verifiedBytes;
    private long _verifyStart;
    private long _operations;
    private long _bytes;
    private long _reintegrationStart;
    private long _filesDone;
    private long _bytesCompared;
    private long _bytesCopied;
    private volatile string _rule = "";
    private volatile int _kind;

    /// <summary>Who waits for the end of a verification.</summary>
    public TaskCompletionSource<VerifyReport>? Verification { get; set; }

    public ReplayStatus Status => new()
    {
        IsConnected = Session is not null,
        Standing = Record.Standing,
        Operations = Volatile.Read(ref _operations),
        Bytes = Volatile.Read(ref _bytes),
        Problem = Problem,
        Reintegration = Progress(),
    };

    public void BeginReintegration(ReintegrationKind kind, string rule)
    {
        _rule = rule;
        _reintegrationStart = Stopwatch.GetTimestamp();
        (_filesDone, _bytesCompared, _bytesCopied) = (0, 0, 0);
        _kind = (int)kind;
    }

    public void Count(in OperationHeader header)
    {
        Volatile.Write(ref _operations, _operations + 1);
        Volatile.Write(ref _bytes, _bytes + header.Bytes);
        if (header.Flags.HasFlag(OperationFlags.Verify))
            CountVerified(header);
        else if (_kind != (int)ReintegrationKind.None)
            CountReintegrated(header);
    }

    public void Differs(string what)
    {
        _differenceCount++;
        if (_differences.Count >= DifferencesTold)
            return;
        _differences.Add(what);
        Session!.TryGather(new AnswerHeader { Kind = AnswerKind.Difference, First = _differenceCount }, what);
    }

    public void Verified(in OperationHeader operation)
    {
        Session!.TrySend(new AnswerHeader { Kind = AnswerKind.Verified, First = _differenceCount });
        double seconds = _verifyStart == 0 ? 0 : Stopwatch.GetElapsedTime(_verifyStart).TotalSeconds;
        Verification?.TrySetResult(new VerifyReport(_verifiedFiles, _verifiedBytes, _differenceCount, [.. _differences], seconds));
        ForgetVerification();
    }

    /// <summary>A new connection begins without what an old one has counted.</summary>
    public void ForgetVerification()
    {
        _differences.Clear();
        (_differenceCount, _verifiedFiles, _verifiedBytes, _verifyStart) = (0, 0, 0, 0);
    }

    private void EndReintegration() => _kind = (int)ReintegrationKind.None;

    private void CountVerified(in OperationHeader header)
    {
        if (_verifyStart == 0)
            _verifyStart = Stopwatch.GetTimestamp();
        if (header.Kind == OperationKind.Attributes)
            _verifiedFiles++;
        else if (header.Kind == OperationKind.Digest)
            _verifiedBytes += header.Argument;
    }

    private void CountReintegrated(in OperationHeader header)
    {
        if (header.Kind == OperationKind.Attributes)
            Volatile.Write(ref _filesDone, _filesDone + 1);
        else if (header.Kind == OperationKind.Digest)
            Volatile.Write(ref _bytesCompared, _bytesCompared + header.Argument);
        else if (header.Kind == OperationKind.Write && header.Flags.HasFlag(OperationFlags.Reintegration))
            Volatile.Write(ref _bytesCopied, _bytesCopied + header.DataBytes);
    }

    /// <summary>This side does not know how much there is: the primary does.</summary>
    private ReintegrationProgress? Progress()
    {
        var kind = (ReintegrationKind)_kind;
        long files = Volatile.Read(ref _filesDone);
        return kind == ReintegrationKind.None
            ? null
            : new ReintegrationProgress(
                kind,
                _rule,
                files,
                files,
                Volatile.Read(ref _bytesCompared),
                Volatile.Read(ref _bytesCopied),
                0,
                Stopwatch.GetElapsedTime(Volatile.Read(ref _reintegrationStart)).TotalSeconds,
                null);
    }
}
