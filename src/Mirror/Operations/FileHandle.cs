using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SafeKit.Mirror.Operations;

/// <summary>What name_to_handle_at(2) gives for an inode: it opens the same inode again, under whatever name, also after a restart.</summary>
public struct FileHandle
{
    public const int BytesMax = 32;

    public int Type;

    /// <summary>Number of bytes used; 0 where the file system has no handles.</summary>
    public int Bytes;

    private Content _content;

    public readonly bool IsEmpty => Bytes == 0;

    [UnscopedRef]
    public Span<byte> Buffer => _content;

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Value => ((ReadOnlySpan<byte>)_content)[..Bytes];

    [InlineArray(BytesMax)]
    private struct Content
    {
        private byte _first;
    }
}
