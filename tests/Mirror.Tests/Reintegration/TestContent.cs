using System.Globalization;
using System.Text.RegularExpressions;

namespace SafeKit.Mirror.Tests.Reintegration;

/// <summary>What tests of reintegration write, and how much of it was compared.</summary>
internal static class TestContent
{
    public static long ComparedBytes(MirrorPair pair)
    {
        Match told = Regex.Match(pair.PrimaryEvents.History, "by Marked: .* ([0-9]+) bytes compared");
        Assert.True(told.Success, pair.PrimaryEvents.History);
        return long.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    public static byte[] Bytes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static void Overwrite(string path, long offset, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Position = offset;
        file.Write(bytes);
    }
}
