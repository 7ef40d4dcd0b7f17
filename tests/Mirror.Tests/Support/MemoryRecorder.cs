using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Tests.Support;

/// <summary>Keeps every operation in memory. Acknowledges at once, or when it is told to; lets in, or parks.</summary>
internal sealed class MemoryRecorder : IChangeRecorder
{
    private readonly Lock _room = new();
    private readonly List<RecordedOperation> _operations = [];
    private readonly Queue<IParkedRequest> _parked = new();
    private readonly List<(ulong Sequence, Acknowledgement Level, IAcknowledgementWaiter Waiter)> _waiters = [];
    private readonly HashSet<ulong> _introduced = [];
    private readonly HashSet<ulong> _listed = [];
    private readonly HashSet<ulong> _departed = [];
    private readonly List<SurveyedFile> _appeared = [];
    private readonly List<string> _givenUp = [];
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly SemaphoreSlim _parking = new(0);
    private ulong _sequence;
    private ulong _received;
    private bool _full;

    public ulong Epoch { get; set; } = 1;

    public Introduction Introduction { get; set; } = Introduction.WhenFirstNamed;

    /// <summary>False: whoever waits does so until <see cref="AcknowledgeAll"/>.</summary>
    public bool AcknowledgeAtOnce { get; set; } = true;

    /// <summary>Thrown instead of recording.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Whether data of writes are kept, or only their headers.</summary>
    public bool KeepData { get; set; } = true;

    public IReadOnlyList<RecordedOperation> Operations
    {
        get
        {
            lock (_room)
                return [.. _operations];
        }
    }

    public IReadOnlyList<SurveyedFile> AppearedFiles
    {
        get
        {
            lock (_room)
                return [.. _appeared];
        }
    }

    public IReadOnlyList<string> GivenUp
    {
        get
        {
            lock (_room)
                return [.. _givenUp];
        }
    }

    public IReadOnlyList<(ulong Sequence, Acknowledgement Level)> Waiting
    {
        get
        {
            lock (_room)
                return [.. _waiters.Select(w => (w.Sequence, w.Level))];
        }
    }

    public void Clear()
    {
        lock (_room)
            _operations.Clear();
    }

    /// <summary>How many operations there were each time that room was waited for.</summary>
    public List<int> RoomAwaited { get; } = [];

    public bool AwaitRoom()
    {
        RoomAwaited.Add(Operations.Count);
        return true;
    }

    public void MarkIntroduced(ulong file)
    {
        lock (_room)
            _introduced.Add(file);
    }

    public void MarkListed(ulong directory)
    {
        lock (_room)
            _listed.Add(directory);
    }

    /// <summary>From now on requests are parked.</summary>
    public void Fill() => _full = true;

    /// <summary>Waits until so many requests have been parked.</summary>
    public async Task UntilParkedAsync(int count)
    {
        for (int i = 0; i < count; i++)
            Assert.True(await _parking.WaitAsync(TimeSpan.FromSeconds(20)), $"only {i} requests were parked");
    }

    /// <summary>There is room again.</summary>
    public void Drain()
    {
        IParkedRequest[] parked;
        lock (_room)
        {
            _full = false;
            parked = [.. _parked];
            _parked.Clear();
        }
        foreach (IParkedRequest request in parked)
            request.Resume();
    }

    /// <summary>Waits until somebody waits for an acknowledgement.</summary>
    public async Task UntilWaitingAsync() =>
        Assert.True(await _waiting.WaitAsync(TimeSpan.FromSeconds(20)), "nobody waits for an acknowledgement");

    public void AcknowledgeAll()
    {
        (ulong, Acknowledgement, IAcknowledgementWaiter Waiter)[] waiters;
        lock (_room)
        {
            waiters = [.. _waiters];
            _waiters.Clear();
            _received = _sequence;
        }
        foreach (var waiter in waiters)
            waiter.Waiter.Acknowledged();
    }

    public bool TryEnter(IParkedRequest request)
    {
        lock (_room)
        {
            if (!_full)
                return true;
            _parked.Enqueue(request);
        }
        _parking.Release();
        return false;
    }

    public void Exit()
    {
    }

    public bool IsIntroduced(byte tree, ulong file)
    {
        lock (_room)
            return _introduced.Contains(file);
    }

    public bool HasDeparted(byte tree, ulong file)
    {
        lock (_room)
            return _departed.Contains(file);
    }

    public bool IsListed(byte tree, ulong directory)
    {
        lock (_room)
            return _listed.Contains(directory);
    }

    public ulong Append(
        ref OperationHeader header, in FileHandle handle, ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherName, ReadOnlySpan<byte> data)
    {
        lock (_room)
        {
            if (Introduction == Introduction.None)
                return 0;
            if (Refusal is { } refusal)
                throw refusal;
            header.Sequence = ++_sequence;
            if (header.Kind is OperationKind.Unlink && !header.Flags.HasFlag(OperationFlags.LastName))
                _departed.Add(header.File);
            if (header.Kind is OperationKind.Create or OperationKind.Link)
                _introduced.Add(header.File);
            _operations.Add(new RecordedOperation(header, handle, name.ToArray(), otherName.ToArray(), KeepData ? data.ToArray() : []));
            return _sequence;
        }
    }

    public void WhenAcknowledged(ulong sequence, Acknowledgement level, IAcknowledgementWaiter waiter)
    {
        if (AcknowledgeAtOnce)
        {
            waiter.Acknowledged();
            return;
        }
        bool isReceived;
        lock (_room)
        {
            isReceived = level == Acknowledgement.Received && sequence <= _received;
            if (!isReceived)
                _waiters.Add((sequence, level, waiter));
        }
        if (isReceived)
            waiter.Acknowledged();
        else
            _waiting.Release();
    }

    public void GiveUpEpoch(string reason)
    {
        lock (_room)
            _givenUp.Add(reason);
    }

    public void Appeared(byte tree, in SurveyedFile file)
    {
        lock (_room)
            _appeared.Add(file);
    }
}
