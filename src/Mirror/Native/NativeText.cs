namespace SafeKit.Mirror.Native;

/// <summary>Bytes as C wants them: ended by 0.</summary>
internal static class NativeText
{
    /// <summary>Room for a name of a directory entry: 255 bytes (NAME_MAX) and the 0.</summary>
    public const int NameRoom = 256;

    /// <summary>Room for what <see cref="DescriptorPath"/> writes.</summary>
    public const int DescriptorPathRoom = 32;

    private static ReadOnlySpan<byte> DescriptorFolder => "/proc/self/fd/"u8;

    /// <summary>Copies a name and its 0 into <paramref name="room"/>.</summary>
    /// <returns>False where it does not fit or holds a 0 or a slash: not a name, and never to be given to the kernel as one.</returns>
    public static bool TryName(ReadOnlySpan<byte> name, Span<byte> room)
    {
        if (name.IsEmpty || name.Length >= room.Length || name.IndexOfAny((byte)0, (byte)'/') >= 0 || name is [(byte)'.'] or [(byte)'.', (byte)'.'])
            return false;
        name.CopyTo(room);
        room[name.Length] = 0;
        return true;
    }

    /// <summary>Path of an open descriptor, for calls that know no descriptor, or no O_PATH one: <c>/proc/self/fd/N</c> and the 0.</summary>
    public static void DescriptorPath(int fd, Span<byte> room)
    {
        DescriptorFolder.CopyTo(room);
        bool fits = fd.TryFormat(room[DescriptorFolder.Length..^1], out int digits);
        room[DescriptorFolder.Length + (fits ? digits : 0)] = 0;
    }
}
