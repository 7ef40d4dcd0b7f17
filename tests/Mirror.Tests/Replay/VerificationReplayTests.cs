using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Tests.Replay;

public sealed class VerificationReplayTests : IDisposable
{
    private readonly string _source = Directory.CreateTempSubdirectory("safekit-verify-").FullName;
    private readonly ReplayBench _bench = new();

    public void Dispose()
    {
        _bench.Dispose();
        Directory.Delete(_source, recursive: true);
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void EqualTreesHaveNoDifference(int seed)
    {
        Prepare(seed);

        Verify();

        Assert.Equal(["end"], _bench.Differences);
    }

    [Fact]
    public void EveryDifferenceIsToldAndNothingIsChanged()
    {
        foreach (string name in new[] { "content", "mode", "time", "gone", "xattr", "size" })
            File.WriteAllText(Path.Combine(_source, name), name);
        new TestSurvey(_source, _bench).Run();
        string content = _bench.At("content");
        DateTime time = File.GetLastWriteTimeUtc(content);
        File.WriteAllText(content, "CONTENT");
        File.SetLastWriteTimeUtc(content, time);
        File.SetUnixFileMode(_bench.At("mode"), UnixFileMode.UserRead);
        File.SetLastWriteTimeUtc(_bench.At("time"), DateTime.UnixEpoch);
        File.Delete(_bench.At("gone"));
        File.WriteAllText(_bench.At("extra"), "");
        _bench.SetXattr("xattr", "user.extra", [1]);
        File.AppendAllText(_bench.At("size"), "more");
        Directory.SetLastWriteTimeUtc(_bench.Path, Directory.GetLastWriteTimeUtc(_source));
        string[] before = TreeText.Of(_bench.Path);
        _bench.Replayer.Forget();
        _bench.Replayer.Begin(1, ReintegrationKind.None);
        _bench.Digests.Clear();

        Verify();

        Assert.Equal(before, TreeText.Of(_bench.Path));
        foreach ((string name, string what) in new[]
        {
            ("content", "content of"), ("mode", "mode 0400"), ("time", "modified at 0 ns"), ("gone", "is missing"), ("extra", "is not on the primary"),
            ("xattr", "user.extra"), ("size", "8 bytes, not 4"),
        })
        {
            Assert.Contains(_bench.Differences, d => d.StartsWith(_bench.At(name) + ":", StringComparison.Ordinal) && d.Contains(what, StringComparison.Ordinal));
        }

        Assert.All(_bench.Digests, d => Assert.True(d.Equal));
    }

    private void Prepare(int seed)
    {
        new RandomTree(_source, seed).Grow(60);
        _bench.Replayer.Begin(1, ReintegrationKind.Survey);
        new TestSurvey(_source, _bench).Run();
        _bench.Replayer.Forget();
        _bench.Replayer.Begin(1, ReintegrationKind.None);
        _bench.Digests.Clear();
    }

    private void Verify()
    {
        new TestSurvey(_source, _bench, OperationFlags.Verify).Run();
        _bench.Apply(OperationHeader.Of(OperationKind.VerifyEnd, 0, 0));
    }
}
