using System.Diagnostics;

namespace SafeKit.Mirror.Reintegration;

/// <summary>Counts what a reintegration or a verification does. Many threads.</summary>
internal sealed class ProgressMeter(ReintegrationKind kind, string rule)
{
    /// <summary>Before that a rate says nothing.</summary>
    private const double SecondsBeforeEstimate = 2;

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long _filesDone;
    private long _filesKnown;
    private long _bytesCompared;
    private long _bytesCopied;
    private long _bytesKnown;
    private long _bytesPassed;

    public ReintegrationProgress Snapshot
    {
        get
        {
            double seconds = _watch.Elapsed.TotalSeconds;
            long files = Interlocked.Read(ref _filesDone);
            long filesKnown = Interlocked.Read(ref _filesKnown);
            long known = Interlocked.Read(ref _bytesKnown);
            double? left = Later(
                SecondsLeft(seconds, Interlocked.Read(ref _bytesPassed), known), SecondsLeft(seconds, files, filesKnown));
            return new ReintegrationProgress(
                kind,
                rule,
                files,
                filesKnown,
                Interlocked.Read(ref _bytesCompared),
                Interlocked.Read(ref _bytesCopied),
                known,
                seconds,
                left);
        }
    }

    public void Know(long files, long bytes)
    {
        Interlocked.Add(ref _filesKnown, files);
        Interlocked.Add(ref _bytesKnown, bytes);
    }

    public void FileDone() => Interlocked.Increment(ref _filesDone);

    /// <summary>Bytes of what is known that need not be looked at any more.</summary>
    public void Pass(long bytes) => Interlocked.Add(ref _bytesPassed, bytes);

    public void Compare(long bytes) => Interlocked.Add(ref _bytesCompared, bytes);

    public void Copy(long bytes) => Interlocked.Add(ref _bytesCopied, bytes);

    /// <summary>Many small files are slow by their number, few large ones by their bytes: whichever takes longer.</summary>
    private static double? Later(double? one, double? other) => one is { } left && other is { } right ? Math.Max(left, right) : one ?? other;

    private static double? SecondsLeft(double seconds, long done, long known) =>
        seconds < SecondsBeforeEstimate || done == 0 ? null : Math.Max(0, known - done) * seconds / done;
}
