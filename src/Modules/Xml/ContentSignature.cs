using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SafeKit.Modules;

/// <summary>
/// A stable number for what a configuration says, by which nodes see that they hold the same one: the first eight bytes
/// of SHA-256 over its canonical form. White space, comments and the order of attributes do not count.
/// </summary>
internal static class ContentSignature
{
    public static ulong Of(string canonical) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));

    /// <summary>Values as written, before macros: an environment variable may well differ from node to node.</summary>
    public static ulong Of(IEnumerable<ConfigElement> elements)
    {
        var canonical = new StringBuilder();
        foreach (var element in elements)
            Append(element, canonical);
        return Of(canonical.ToString());
    }

    private static void Append(ConfigElement element, StringBuilder canonical)
    {
        AppendWord('<', element.Name, canonical);
        foreach (var attribute in element.Attributes.OrderBy(attribute => attribute.Name, StringComparer.Ordinal))
        {
            AppendWord('@', attribute.Name, canonical);
            AppendWord('=', attribute.RawValue, canonical);
        }

        foreach (var child in element.Children)
            Append(child, canonical);
        canonical.Append('>');
    }

    // Lengths make the form unambiguous whatever the words contain.
    private static void AppendWord(char kind, string word, StringBuilder canonical) =>
        canonical.Append(kind).Append(word.Length).Append(':').Append(word);
}
