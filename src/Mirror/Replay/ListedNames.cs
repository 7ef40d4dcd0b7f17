using System.Text;

namespace SafeKit.Mirror.Replay;

/// <summary>The names of a directory that the parts of a listing have told so far.</summary>
internal sealed class ListedNames(ulong directory)
{
    // Latin-1 maps every byte to one character and back: a set of strings is a set of bytes.
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public ulong Directory => directory;

    /// <summary>False where the name has been told before.</summary>
    public bool Add(ReadOnlySpan<byte> name) => _names.Add(Encoding.Latin1.GetString(name));

    public bool Contains(ReadOnlySpan<byte> name) => _names.Contains(Encoding.Latin1.GetString(name));
}
