using System.Buffers.Binary;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Replay;

/// <summary>The names in a directory, from where the descriptor stands; without "." and "..".</summary>
/// <param name="directory">Stays the caller's.</param>
/// <param name="buffer">Holds the names; a few kilobytes or more.</param>
internal unsafe ref struct DirectoryNames(int directory, Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _filled;
    private int _position;

    /// <summary>Valid until the next call of <see cref="Next"/>.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <exception cref="ReplayException">The directory cannot be read.</exception>
    public bool Next()
    {
        while (true)
        {
            if (_position >= _filled && !Fill())
                return false;
            ReadOnlySpan<byte> entry = _buffer[_position.._filled];
            entry = entry[..BinaryPrimitives.ReadUInt16LittleEndian(entry[16..])];
            _position += entry.Length;
            ReadOnlySpan<byte> name = entry[LibC.DirentNameOffset..];
            name = name[..name.IndexOf((byte)0)];
            if (name is [(byte)'.'] or [(byte)'.', (byte)'.'])
                continue;
            Name = name;
            return true;
        }
    }

    private bool Fill()
    {
        fixed (byte* start = _buffer)
        {
            nint read = LibC.getdents64(directory, start, (nuint)_buffer.Length);
            if (read < 0)
                throw new ReplayException("getdents64", Errno.Last);
            (_filled, _position) = ((int)read, 0);
            return read > 0;
        }
    }
}
