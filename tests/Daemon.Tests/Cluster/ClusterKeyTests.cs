using SafeKit.Core;
using SafeKit.Daemon.Cluster;

namespace SafeKit.Daemon.Tests.Cluster;

public sealed class ClusterKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safekit-key-").FullName;

    [Fact]
    public void AMadeKeyCanBeReadAndIsNotMadeTwice()
    {
        var file = Path.Combine(_folder, "cluster/cluster.key");
        Assert.True(ClusterKey.CreateIfMissing(file));
        var key = ClusterKey.Read(file);
        Assert.Equal(32, key.Length);
        Assert.False(ClusterKey.CreateIfMissing(file));
        Assert.Equal(key, ClusterKey.Read(file));
    }

    [Fact]
    public void AKeyThatOthersCanReadIsRefused()
    {
        var file = Path.Combine(_folder, "cluster.key");
        ClusterKey.CreateIfMissing(file);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", Assert.Throws<SafeKitException>(() => ClusterKey.Read(file)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123")]
    [InlineData("zz23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void AMalformedKeyIsRefused(string text)
    {
        var file = Path.Combine(_folder, "cluster.key");
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Contains("64 hexadecimal digits", Assert.Throws<SafeKitException>(() => ClusterKey.Read(file)).Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
