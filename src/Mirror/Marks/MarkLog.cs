using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using SafeKit.Core;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Recording;

namespace SafeKit.Mirror.Marks;

/// <summary>
/// A primary's marks on its disk: whoever is about to change something appends a mark and comes back when it is there. A file of fixed size with two
/// slots; an epoch fills one of them, the next epoch the other. An epoch that began at a checkpoint of both nodes makes the one before it
/// superfluous; until that is certain (<see cref="TrySettle"/>) both count.
/// <para>
/// Where the disk refuses, the log is removed, and nobody goes on before that has succeeded: a log that lacks marks must not be found. Where that
/// cannot be done either, changes fail: this node cannot serve the data.
/// </para>
/// </summary>
internal sealed partial class MarkLog : IDisposable
{
    public const string Name = "marks";

    private const int CopyBlocks = 2048;
    private const int CopyBytes = CopyBlocks * MarkBlock.Bytes;
    private const int SlotBytes = 2 * CopyBytes;
    private const int FileBytes = 2 * SlotBytes;

    /// <summary>For what has to be said of an epoch that is full.</summary>
    private const int ReservedBlocks = 16;

    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly object _lock = new();
    private readonly string _folder;
    private byte[] _owner = [];
    private readonly Action<string> _failed;
    private readonly Action<string> _broken;
    private readonly SafeFileHandle _file;
    private readonly ulong _log;
    private int _slot = 1;
    private bool _isConfirmed = true;
    private Checkpoint _expected;
    private bool _hasPeer;
    private bool _hasOwn;

    private MarkLog(string folder, long epoch, Action<string> failed, Action<string> broken, SafeFileHandle file)
    {
        (_folder, _failed, _broken, _file, Epoch) = (folder, failed, broken, file, epoch);
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        _log = BitConverter.ToUInt64(random) | 1;
    }

    /// <summary>What the marks of the epochs that begin from now on belong to, see <see cref="KeptMarks.Owner"/>.</summary>
    public byte[] Owner
    {
        get => _owner;
        set
        {
            lock (_lock)
                _owner = value;
        }
    }

    /// <summary>Number of the present epoch.</summary>
    public long Epoch { get; private set; }

    /// <summary>Bytes of content that are marked in the present epoch.</summary>
    public long MarkedBytes { get; private set; }

    /// <summary>Nothing is written any more, and nothing is found after a crash.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether the present epoch has taken the place of the one before.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_lock)
                return HasEnded || _isConfirmed;
        }
    }

    /// <summary>Whether a new epoch would be worth while before long.</summary>
    public bool IsNearlyFull
    {
        get
        {
            lock (_lock)
                return !HasEnded && (_givenUp || _blocks > CopyBlocks / 2);
        }
    }

    /// <summary>Whether anything is marked in the present epoch.</summary>
    public bool HasMarks
    {
        get
        {
            lock (_lock)
                return !HasEnded && _blocks > 0;
        }
    }

    /// <summary>An empty log, durably: filled with zeros, so that writing it later changes nothing but its content.</summary>
    /// <param name="epoch">The first epoch has the next number.</param>
    /// <param name="failed">Told when the log could not be written and is removed.</param>
    /// <param name="broken">Told when it could not be removed either, and changes are refused.</param>
    /// <exception cref="SafeKitException">The disk refused.</exception>
    public static MarkLog Create(string folder, long epoch, Action<string> failed, Action<string> broken)
    {
        string path = Path.Combine(folder, Name);
        DurableFile.Replace(path, new byte[FileBytes]);
        try
        {
            return new MarkLog(folder, epoch, failed, broken, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SafeKitException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>What a crash has left. Null: nothing.</summary>
    public static KeptMarks? Read(string folder, ReadOnlySpan<byte> owner)
    {
        try
        {
            string path = Path.Combine(folder, Name);
            if (!File.Exists(path))
                return null;
            byte[] whole = File.ReadAllBytes(path);
            if (whole.Length != FileBytes)
                return KeptMarks.Useless($"its mark log has {whole.Length} bytes");
            return KeptMarks.Of(SlotIn(whole, 0), SlotIn(whole, 1), owner);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return KeptMarks.Useless($"its mark log cannot be read: {e.Message}");
        }
    }

    /// <summary>Durably: something is about to change that is not marked.</summary>
    /// <exception cref="SafeKitException">The disk refused.</exception>
    public static void Remove(string folder) => DurableFile.Remove(Path.Combine(folder, Name));

    /// <summary>
    /// What is marked from here on belongs to a new epoch; or to the present one still, where that has not taken the place of the one before. Nobody
    /// may be about to append a mark.
    /// </summary>
    public void BeginEpoch()
    {
        lock (_lock)
        {
            while (_isWriting || (_gathering.Count > 0 && !HasEnded))
                Monitor.Wait(_lock);
            ForgetExpected();
            if (!_isConfirmed)
                return;
            Epoch++;
            _slot = 1 - _slot;
            (_blocks, MarkedBytes, _givenUp, _isConfirmed) = (0, 0, false, false);
        }
    }

    /// <summary>With which checkpoint the present epoch has begun.</summary>
    public void Expect(Checkpoint checkpoint)
    {
        lock (_lock)
            (_expected, _hasPeer, _hasOwn) = (checkpoint, false, false);
    }

    /// <summary>That checkpoint comes to nothing: the connection was lost before the other node had it.</summary>
    public void ForgetExpected()
    {
        lock (_lock)
            (_expected, _hasPeer, _hasOwn) = (default, false, false);
    }

    /// <summary>The other node's disk has everything up to the checkpoint.</summary>
    public void PeerHas(Checkpoint checkpoint)
    {
        lock (_lock)
            _hasPeer |= !checkpoint.IsNone && checkpoint == _expected;
    }

    /// <summary>So has this node's.</summary>
    public void OwnHas(Checkpoint checkpoint)
    {
        lock (_lock)
            _hasOwn |= !checkpoint.IsNone && checkpoint == _expected;
    }

    /// <summary>Where both have it: the present epoch takes the place of the one before. Waits for the disk.</summary>
    public void TrySettle()
    {
        lock (_lock)
        {
            if (HasEnded || _isConfirmed || !_hasPeer || !_hasOwn)
                return;
            if (_refusal is not null)
                return;
            Gather(MarkRecord.Confirm(_expected));
            _hasPeer = _hasOwn = false;
            AwaitWritten(_batch);
            _isConfirmed = true;
        }
    }

    /// <summary>Durably: what changes from here on is not marked.</summary>
    /// <exception cref="SafeKitException">The disk refused: the log goes on.</exception>
    public void End()
    {
        Remove(_folder);
        lock (_lock)
        {
            HasEnded = true;
            Monitor.PulseAll(_lock);
        }
    }

    public void Dispose() => _file.Dispose();

    private static MarkSlot SlotIn(byte[] whole, int slot)
    {
        ReadOnlySpan<byte> both = whole.AsSpan(slot * SlotBytes, SlotBytes);
        return MarkSlot.Read(both[..CopyBytes], both[CopyBytes..]);
    }
}
