using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace SafeKit.Mirror.Stream;

/// <summary>
/// Gathers answers of many threads and sends them in one piece. Answers are appended without waiting; one thread sends.
/// </summary>
/// <param name="stream">The connection; written by <see cref="Flush"/> only.</param>
/// <param name="bytesMax">Answers that have gathered beyond this make <see cref="Append"/> fail: the other end reads nothing.</param>
public sealed class AnswerWriter(System.IO.Stream stream, int bytesMax = AnswerWriter.DefaultBytesMax) : IDisposable
{
    private const int DefaultBytesMax = 8 << 20;
    private const int FirstBytes = 64 << 10;

    private readonly Lock _gate = new();
    private readonly Lock _sending = new();
    private byte[] _gathering = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private byte[] _leaving = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _gathered;

    /// <summary>Whether something waits to be sent.</summary>
    public bool HasGathered => Volatile.Read(ref _gathered) > 0;

    /// <exception cref="IOException">Too much has gathered.</exception>
    public void Append(AnswerHeader header, ReadOnlySpan<char> text = default)
    {
        // A cut text is better than none; three bytes are the most that one UTF-16 unit takes.
        if (text.Length > AnswerHeader.TextBytesMax / 3)
            text = text[..(AnswerHeader.TextBytesMax / 3)];
        header.TextBytes = (uint)Encoding.UTF8.GetByteCount(text);
        int bytes = AnswerHeader.Size + (int)header.TextBytes;
        lock (_gate)
        {
            if (_gathered + bytes > bytesMax)
                throw new IOException("the primary does not read the answers");
            if (_gathered + bytes > _gathering.Length)
                Grow(_gathered + bytes);
            MemoryMarshal.Write(_gathering.AsSpan(_gathered), in header);
            Encoding.UTF8.GetBytes(text, _gathering.AsSpan(_gathered + AnswerHeader.Size));
            _gathered += bytes;
        }
    }

    /// <summary>Sends what has gathered; several threads may call.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    public void Flush()
    {
        lock (_sending)
        {
            int bytes;
            lock (_gate)
            {
                bytes = _gathered;
                (_gathering, _leaving) = (_leaving, _gathering);
                _gathered = 0;
            }

            if (bytes > 0 && bytes <= _leaving.Length)
                stream.Write(_leaving, 0, bytes);
        }
    }

    public void Dispose()
    {
        lock (_sending)
        {
            lock (_gate)
            {
                ArrayPool<byte>.Shared.Return(_gathering);
                ArrayPool<byte>.Shared.Return(_leaving);
                _gathering = [];
                _leaving = [];
                _gathered = bytesMax;
            }
        }
    }

    private void Grow(int needed)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _gathering.Length * 2));
        _gathering.AsSpan(0, _gathered).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_gathering);
        _gathering = larger;
    }
}
