using System.Security.Cryptography;
using System.Text;

namespace SafeKit.Mirror.Stream;

/// <summary>What both nodes must replicate alike, as one hash: the directories in order, each with its exclusion rules in order.</summary>
public static class DirectoriesSignature
{
    /// <returns>SHA-256 as 64 hexadecimal digits.</returns>
    public static string Of(ReplicatedDataSettings settings)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendNumber(hash, settings.Directories.Count);
        foreach (ReplicatedDirectory directory in settings.Directories)
        {
            AppendText(hash, directory.CommonName);
            AppendNumber(hash, directory.NotReplicated.Count);
            foreach (ExclusionRule rule in directory.NotReplicated)
            {
                AppendText(hash, rule.Pattern);
                AppendNumber(hash, (rule.IsRegularExpression ? 1 : 0) + (rule.Negated ? 2 : 0));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AppendText(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        AppendNumber(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void AppendNumber(IncrementalHash hash, int number) => hash.AppendData(BitConverter.GetBytes(number));
}
