using System.Runtime.InteropServices;
using System.Text;
using SafeKit.Core;

namespace SafeKit.Mirror.Stream;

/// <summary>Reads answers one by one. One thread. Allocates only for an answer with text.</summary>
public sealed class AnswerReader(System.IO.Stream stream)
{
    private const int BufferBytes = 64 << 10;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;

    /// <summary>Whether the next answer can be had without waiting for the network.</summary>
    public bool HasWholeAnswer =>
        _end - _start >= AnswerHeader.Size && _end - _start >= AnswerHeader.Size + MemoryMarshal.Read<AnswerHeader>(Gathered).TextBytes;

    private ReadOnlySpan<byte> Gathered => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Waits for the next answer.</summary>
    /// <returns>False when the other end has closed the connection between two answers.</returns>
    /// <exception cref="IOException">The connection ended within an answer.</exception>
    /// <exception cref="SafeKitException">What came is no answer.</exception>
    public bool Read(out AnswerHeader header, out string text)
    {
        text = "";
        header = default;
        if (!Gather(AnswerHeader.Size))
            return false;
        header = MemoryMarshal.Read<AnswerHeader>(Gathered);
        if (header.TextBytes > AnswerHeader.TextBytesMax || !Enum.IsDefined(header.Kind) || header.Kind == AnswerKind.None)
            throw new SafeKitException("the secondary answers something that is no answer; both nodes must run the same version");
        int whole = AnswerHeader.Size + (int)header.TextBytes;
        if (!Gather(whole))
            throw new IOException("the connection ended within an answer");
        if (header.TextBytes > 0)
            text = Encoding.UTF8.GetString(Gathered[AnswerHeader.Size..whole]);
        _start += whole;
        return true;
    }

    private bool Gather(int bytes)
    {
        while (_end - _start < bytes)
        {
            if (_buffer.Length - _start < bytes)
            {
                Gathered.CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            int read = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
                return _end == _start ? false : throw new IOException("the connection ended within an answer");
            _end += read;
        }

        return true;
    }
}
