using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <summary>Every row of <see cref="PosixCases"/> holds in a plain directory and in a mounted one.</summary>
[Collection(MountCollection.Name)]
public class PosixTests(PosixTests.Ground ground) : IClassFixture<PosixTests.Ground>
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    public static TheoryData<string> Rows => [.. PosixCases.All.Keys];

    [MountTheory]
    [MemberData(nameof(Rows))]
    public async Task Holds(string row)
    {
        await Run(row, ground.Plain, "in a plain directory");
        await Run(row, ground.Mounted, "in a mounted directory");
    }

    [MountFact]
    public void ThereAreManyRows() => Assert.InRange(PosixCases.All.Count, 150, int.MaxValue);

    private static async Task Run(string row, string parent, string where)
    {
        string folder = Path.Combine(parent, $"case{Interlocked.Increment(ref Ground.Number)}");
        Directory.CreateDirectory(folder);
        Task body = Task.Factory.StartNew(() => PosixCases.All[row](folder), TaskCreationOptions.LongRunning);
        if (await Task.WhenAny(body, Task.Delay(_limit)) != body)
            Assert.Fail($"{row}: hangs {where}");
        try
        {
            await body;
        }
        catch (Exception failure)
        {
            Assert.Fail($"{row}: {where}: {failure.Message}");
        }
    }

    /// <summary>A plain directory and a mounted one, for all rows.</summary>
    public class Ground : IAsyncLifetime
    {
        internal static int Number;

        private MountLab? _lab;

        public string Plain { get; private set; } = "";

        public string Mounted => _lab?.Path ?? "";

        public virtual Task InitializeAsync()
        {
            if (MountFactAttribute.Obstacle is not null)
                return Task.CompletedTask;
            Plain = MountLab.NewFolder();
            _lab = MountLab.Mount(new MemoryRecorder { KeepData = false });
            return Task.CompletedTask;
        }

        public async Task DisposeAsync()
        {
            if (_lab is null)
                return;
            await _lab.DisposeAsync();
            Posix.RemoveTree(Plain);
        }
    }
}
