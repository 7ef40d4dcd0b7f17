using Microsoft.Win32.SafeHandles;
using SafeKit.Core;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// The operations on names that the other node misses, in order, in a file; which ranges of data it misses is in <see cref="Dirty"/>, and is
/// written behind them when
/// the journal is closed. Not synchronised: the recorder's lock is held by every caller.
/// <para>Bounded: beyond the limit, or when the disk refuses, it is given up, and the other node will be surveyed. It is trusted only with its
/// marker (<see
/// cref="JournalMarker"/>), and only if every operation has its checksum: damage costs a survey, and never gives wrong data.</para>
/// </summary>
internal sealed partial class Journal : IDisposable
{
    public const string FileName = "journal";
    public const string MarkerName = "journal.clean";

    private const int BufferBytes = 256 << 10;

    private readonly string _folder;
    private readonly long _bytesMax;
    private readonly SafeFileHandle _file;
    private readonly byte[] _buffer = new byte[Math.Max(BufferBytes, OperationHeader.BytesMax)];
    private int _buffered;
    private long _flushedBytes;

    private Journal(string folder, long bytesMax, SafeFileHandle file)
    {
        _folder = folder;
        _bytesMax = bytesMax;
        _file = file;
    }

    public DirtyMap Dirty { get; } = new();

    /// <summary>First operation that it holds, or will hold.</summary>
    public ulong FirstSequence { get; private set; } = 1;

    public long OperationCount { get; private set; }

    public long Bytes => _flushedBytes + _buffered;

    /// <summary>Why it does not hold everything that the other node misses; null: it does.</summary>
    public string? GivenUp { get; private set; }

    /// <summary>An empty journal. What was left there before is of no use any more.</summary>
    /// <exception cref="SafeKitException">The folder cannot be written.</exception>
    public static Journal Create(string folder, long bytesMax)
    {
        try
        {
            Directory.CreateDirectory(folder);
            RemoveMarker(folder);
            var file = File.OpenHandle(Path.Combine(folder, FileName), FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
            return new Journal(folder, bytesMax, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SafeKitException($"{folder}: the journal cannot be created: {e.Message}. Mend the disk or make room.", e);
        }
    }

    /// <summary>Removes the marker, durably: from here on the journal that was left is not trusted.</summary>
    /// <exception cref="SafeKitException">The disk refused.</exception>
    public static void RemoveMarker(string folder) => DurableFile.Remove(Path.Combine(folder, MarkerName));

    /// <summary>Forgets everything, dirty ranges too where asked; the next operation is <paramref name="firstSequence"/>.</summary>
    public void Restart(ulong firstSequence, bool keepsDirty)
    {
        _buffered = 0;
        _flushedBytes = 0;
        OperationCount = 0;
        FirstSequence = firstSequence;
        GivenUp = null;
        if (!keepsDirty)
            Dirty.Clear();
        if (RandomAccess.GetLength(_file) > 0)
            Try(() => RandomAccess.SetLength(_file, 0));
    }

    public void GiveUp(string reason)
    {
        if (GivenUp is not null)
            return;
        Restart(FirstSequence, keepsDirty: false);
        GivenUp = reason;
    }

    public void Append(ref OperationHeader header, ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherName, ReadOnlySpan<byte> data)
    {
        if (!HasRoom(OperationHeader.Size + name.Length + otherName.Length + data.Length))
            return;
        _buffered += OperationHeader.Write(ref header, name, otherName, data, _buffer.AsSpan(_buffered));
        OperationCount++;
    }

    /// <summary>Takes the place of an operation that is not kept, so that the other node finds no gap in the numbers.</summary>
    public void AppendFiller(ulong sequence)
    {
        var filler = OperationHeader.Of(OperationKind.Ping, 0, FileId.None);
        filler.Sequence = sequence;
        if (HasRoom(OperationHeader.Size))
            _buffered += OperationHeader.Write(ref filler, [], [], [], _buffer.AsSpan(_buffered));
    }

    /// <summary>Bytes of the journal from <paramref name="offset"/> on, as many as there are and fit. Reads 0 where it has been given up.</summary>
    public int Read(long offset, Span<byte> target)
    {
        if (!Flush())
            return 0;
        int length = (int)Math.Min(target.Length, _flushedBytes - offset);
        int done = 0;
        while (done < length)
        {
            int read = RandomAccess.Read(_file, target[done..length], offset + done);
            if (read <= 0)
                break;
            done += read;
        }

        return done;
    }

    public void Dispose() => _file.Dispose();

    private bool HasRoom(int bytes)
    {
        if (GivenUp is not null)
            return false;
        if (Bytes + bytes > _bytesMax)
        {
            GiveUp($"the journal is longer than {_bytesMax >> 20} MiB");
            return false;
        }

        return _buffered + bytes <= _buffer.Length || Flush();
    }

    private bool Flush() => _buffered == 0 ? GivenUp is null : Try(() =>
    {
        RandomAccess.Write(_file, _buffer.AsSpan(0, _buffered), _flushedBytes);
        _flushedBytes += _buffered;
        _buffered = 0;
    });

    private bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _buffered = 0;
            _flushedBytes = 0;
            GivenUp = $"{_folder}: the journal cannot be written: {e.Message}";
            Dirty.Clear();
            return false;
        }
    }
}
