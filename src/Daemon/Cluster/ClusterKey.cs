using System.Security.Cryptography;
using SafeKit.Core;

namespace SafeKit.Daemon.Cluster;

/// <summary>The secret that all nodes share: 32 bytes, in a file of 64 hexadecimal digits that only root can read.</summary>
public static class ClusterKey
{
    private const int KeyBytes = 32;
    private const UnixFileMode OnlyRoot = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="SafeKitException">The file is missing, malformed or readable by others.</exception>
    public static byte[] Read(string file)
    {
        if (!File.Exists(file))
        {
            throw new SafeKitException(
                $"the cluster key {file} is missing; copy it from a node that has it, "
                    + "or make a new one with: safekit cluster config cluster.xml");
        }

        if ((File.GetUnixFileMode(file) & ~OnlyRoot) != 0)
            throw new SafeKitException($"the cluster key {file} can be read by others than root; mend it with: chmod 600 {file}");
        var text = File.ReadAllText(file).Trim();
        if (text.Length != 2 * KeyBytes || !text.All(char.IsAsciiHexDigit))
        {
            throw new SafeKitException(
                $"the cluster key {file} must hold {2 * KeyBytes} hexadecimal digits; copy it from a node that works");
        }

        return Convert.FromHexString(text);
    }

    /// <summary>Makes a key if there is none. Returns whether it made one.</summary>
    public static bool CreateIfMissing(string file)
    {
        if (File.Exists(file))
            return false;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OnlyRoot,
        };
        using var writer = new StreamWriter(file, options);
        writer.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes)));
        return true;
    }
}
