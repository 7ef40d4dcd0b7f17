using System.Diagnostics;
using SafeKit.Core;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;
using SafeKit.Mirror.Reintegration;

namespace SafeKit.Mirror.Stream;

/// <summary>Comparing both trees, beside the application.</summary>
public sealed partial class LeaderData
{
    private const int DifferencesMax = 1000;

    private readonly List<string> _differences = [];
    private TaskCompletionSource<long>? _verified;

    /// <exception cref="SafeKitException">The nodes are not paired, one is under way, or the connection ended meanwhile.</exception>
    public async Task<VerifyReport> VerifyAsync(CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        TaskCompletionSource<long> verified = BeginVerification(out LeaderSession session);
        try
        {
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancel, session.Cancel);
            var meter = new ProgressMeter(ReintegrationKind.None, "verification");
            await Task.Factory.StartNew(() => Verify(meter, ends.Token), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            long count = await verified.Task.WaitAsync(cancel);
            ReintegrationProgress done = meter.Snapshot;
            lock (_differences)
                return new VerifyReport(done.FilesDone, done.BytesCompared, count, [.. _differences], watch.Elapsed.TotalSeconds);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new SafeKitException($"the verification was interrupted: {session.Reason}");
        }
        finally
        {
            Volatile.Write(ref _verified, null);
        }
    }

    private TaskCompletionSource<long> BeginVerification(out LeaderSession session)
    {
        lock (_transition)
        {
            session = _session is { Reason: null } running && Own.Mode == RecorderMode.Paired
                ? running
                : throw new SafeKitException("the nodes are not paired: there is nothing to verify. Start the module on the other node and wait until it is up to date.");
            if (_verified is not null)
                throw new SafeKitException("a verification is under way already; wait for its end");
            lock (_differences)
                _differences.Clear();
            return _verified = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Verify(ProgressMeter meter, CancellationToken cancel)
    {
        using var context = new ReintegrationContext(_settings, Own, _trees, meter, cancel);
        var survey = new Survey(context, OperationFlags.Verify, copiesAll: false, isMarked: false);
        Volatile.Write(ref _survey, survey);
        try
        {
            survey.Run();
            Own.AppendControl(OperationKind.VerifyEnd, OperationFlags.Verify, []);
        }
        finally
        {
            Volatile.Write(ref _survey, null);
        }
    }

    private void VerifyForPeer() => Task.Run(async () =>
    {
        try
        {
            VerifyReport report = await VerifyAsync(CancellationToken.None);
            _events.Log(Origin, $"verification: {report.Files} files, {report.Bytes} bytes, {report.DifferenceCount} differences", report.DifferenceCount > 0);
        }
        catch (SafeKitException e)
        {
            _events.Log(Origin, e.Message, critical: false);
        }
    });

    private void NoteDifference(string text)
    {
        lock (_differences)
        {
            if (_differences.Count < DifferencesMax)
                _differences.Add(text);
        }
    }

    private void EndVerification(long count) => Volatile.Read(ref _verified)?.TrySetResult(count);

    private void EndVerification(string reason) =>
        Volatile.Read(ref _verified)?.TrySetException(new SafeKitException($"the verification was interrupted: {reason}"));
}
