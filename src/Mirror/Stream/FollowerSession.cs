using System.Net.Sockets;
using SafeKit.Core;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// One connection of the secondary, after the hello: a thread reads, one applies, some wait for the disk. Ends by itself when the connection
/// ends, when an operation
/// cannot be applied, or by <see cref="Cut"/>.
/// </summary>
internal sealed partial class FollowerSession : IDisposable
{
    private const int AcknowledgeBytes = 128 << 10;
    private const long UntoldBytesMax = 1 << 20;

    /// <summary>So long nothing comes before modification times are set: nobody looks at them earlier on a tree that only replay writes.</summary>
    private static readonly TimeSpan _idleTime = TimeSpan.FromMilliseconds(20);

    private readonly Socket _socket;
    private readonly ReplicationStream _stream;
    private readonly AnswerWriter _answers;
    private readonly FollowerState _state;
    private readonly OperationReceiver _receiver;
    private readonly ReintegrationKind _kind;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _received;
    private long _applied;
    private long _toldApplied;
    private long _batchNs;
    private volatile bool _isCut;
    private volatile Exception? _failure;

    public FollowerSession(Socket socket, ReplicationStream stream, FollowerState state, HelloAnswer answer)
    {
        _socket = socket;
        _stream = stream;
        _answers = new AnswerWriter(stream);
        _state = state;
        _kind = answer.Kind;
        _received = (long)answer.FirstSequence - 1;
        _applied = _toldApplied = _received;
        _untoldBytesMax = Math.Min(UntoldBytesMax, state.Settings.WindowBytes / 8);
        _receiver = new OperationReceiver(stream, state.Queue, answer.FirstSequence);
        _stream.LimitReads(state.Settings.SilenceLimit);
        _stream.LimitWrites(state.Settings.SilenceLimit);
    }

    /// <summary>Nothing more is read, and everything received is applied.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What happened, for people; empty where this node wanted the end.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>What the applying thread failed with.</summary>
    public Exception? Failure => _failure;

    /// <summary>Whether the disk refused what had been applied.</summary>
    public bool HasLostSync => _hasLostSync;

    /// <summary>Whether <see cref="Cut"/> was called: nothing that came may be believed to make this node current any more.</summary>
    public bool IsCut => _isCut;

    /// <summary>Reads on the calling thread until the connection ends, then waits until everything received is applied.</summary>
    public SessionEnd Run()
    {
        _state.Queue.Restart();
        var applier = new Thread(ApplyAll) { IsBackground = true, Name = "mirror-apply" };
        applier.Start();
        string reason = ReadAll();
        _receiver.End();
        applier.Join();
        EndJobs();
        _ended.TrySetResult();
        Reason = _failure?.Message ?? reason;
        if (_failure is not null)
            return SessionEnd.ApplyFailed;
        if (_receiver.HasLeft)
            return SessionEnd.PrimaryLeft;
        return _isCut ? SessionEnd.Wanted : SessionEnd.Lost;
    }

    /// <summary>Reads nothing more; what was acknowledged is still applied. The connection stays open for the last answers.</summary>
    public void Cut()
    {
        _isCut = true;
        try
        {
            _socket.Shutdown(SocketShutdown.Receive);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    /// <summary>An answer at once. False where the connection has ended.</summary>
    public bool TrySend(in AnswerHeader answer, string text = "") => TryGather(answer, text) && TryFlush();

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
        _answers.Dispose();
    }

    /// <summary>In this order, for the primary waits for the first. Whether it has heard of it cannot be known: it is applied in any case.</summary>
    private void AcknowledgeAndPublish()
    {
        try
        {
            Volatile.Write(ref _received, (long)_receiver.Received);
            _answers.Append(Acknowledgement());
            _answers.Flush();
        }
        finally
        {
            _receiver.Publish();
        }
    }

    private string ReadAll()
    {
        try
        {
            long unacknowledged = 0;
            while (!_isCut && !_receiver.HasLeft)
            {
                if (!_receiver.Receive(out int bytes))
                    return "the primary closed the connection";
                unacknowledged += bytes;
                bool isDue = _receiver.IsUrgent || unacknowledged >= AcknowledgeBytes || (unacknowledged > 0 && !_stream.HasMore);
                if (isDue && !_isCut)
                {
                    AcknowledgeAndPublish();
                    unacknowledged = 0;
                }
                else
                {
                    _receiver.Publish();
                }
            }

            return "";
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock })
        {
            return $"no sign of life for {_state.Settings.SilenceLimit.TotalSeconds:0.#} s";
        }
        catch (Exception e) when (e is IOException or SafeKitException or ObjectDisposedException or SocketException)
        {
            return e.Message;
        }
    }
}
