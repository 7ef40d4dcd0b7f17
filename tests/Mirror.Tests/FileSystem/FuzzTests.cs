using SafeKit.Core.Native;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Tests.Support;
using Xunit.Abstractions;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <summary>
/// Random use of a mounted tree. The seed is printed; a run is repeated by putting it into <c>SAFEKIT_FUZZ_SEED</c>. What was recorded must make the same tree.
/// </summary>
public class FuzzTests(ITestOutputHelper output)
{
    private const int Steps = 1500;
    private const int FileBytesMax = 256 << 10;

    private static readonly string[] _names = ["a", "b", "c", "d", "with blank", "\u00e4\u00ff", "-", "x.tmp"];

    private int Seed()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("SAFEKIT_FUZZ_SEED"), out int given) ? given : Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        return seed;
    }

    [MountTheory]
    [InlineData(WaitPolicy.Sync)]
    [InlineData(WaitPolicy.All)]
    public async Task OneFileFromManyDescriptorsIsAsItShouldBe(WaitPolicy wait)
    {
        var random = new Random(Seed());
        var recorder = new MemoryRecorder();
        string replica = MountLab.NewFolder();
        await using (MountLab lab = MountLab.Mount(recorder, new MountSettings { Index = 0, Wait = wait }))
        {
            var model = new byte[FileBytesMax];
            int size = 0;
            int[] files = [.. Enumerable.Range(0, 4).Select(i => Posix.Open($"{lab.Path}/f", LibC.O_CREAT | LibC.O_RDWR | (i == 0 ? LibC.O_DIRECT : 0)))];
            for (int step = 0; step < Steps; step++)
                size = ContentStep(random, files[1 + random.Next(3)], files[0], model, size);
            Array.ForEach(files, fd => Posix.Close(fd));
            Assert.True(model.AsSpan(0, size).SequenceEqual(File.ReadAllBytes($"{lab.Path}/f")), "the mounted file differs from the model");
            await lab.UnmountAsync();
            Assert.True(model.AsSpan(0, size).SequenceEqual(File.ReadAllBytes($"{lab.Path}/f")), "the file underneath differs from the model");
            Replay(recorder, replica);
            Compare(lab.Path, replica);
        }
        Posix.RemoveTree(replica);
    }

    private static int ContentStep(Random random, int fd, int direct, byte[] model, int size)
    {
        int offset = random.Next(FileBytesMax);
        int length = random.Next(1, Math.Min(40_000, FileBytesMax - offset) + 1);
        switch (random.Next(10))
        {
            case 0 or 1 or 2:
                random.NextBytes(model.AsSpan(offset, length));
                Assert.Equal(length, Posix.Write(fd, model.AsSpan(offset, length), offset));
                return Math.Max(size, offset + length);
            case 3:
                random.NextBytes(model.AsSpan(offset, length));
                Assert.Equal(length, Posix.Write(direct, model.AsSpan(offset, length), offset));
                return Math.Max(size, offset + length);
            case 4:
                Assert.Equal(0, Posix.Truncate(fd, offset));
                model.AsSpan(offset).Clear();
                return offset;
            case 5:
                Assert.Equal(0, Posix.Allocate(fd, LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE, offset, length));
                model.AsSpan(offset, length).Clear();
                return size;
            case 6 when size >= 4096:
                MapStep(random, fd, model, size);
                return size;
            case 7:
                Assert.Equal(0, Posix.Fsync(fd));
                return size;
            case 8:
                Assert.Equal(0, Posix.Allocate(fd, LibC.FALLOC_FL_ZERO_RANGE, offset, length));
                model.AsSpan(offset, length).Clear();
                return Math.Max(size, offset + length);
            default:
                byte[] read = Posix.Read(fd, length, offset);
                Assert.True(model.AsSpan(offset, Math.Clamp(size - offset, 0, length)).SequenceEqual(read), $"a read at {offset} differs from the model");
                return size;
        }
    }

    private static unsafe void MapStep(Random random, int fd, byte[] model, int size)
    {
        nint address = Posix.mmap(null, (nuint)size, Posix.PROT_READ | Posix.PROT_WRITE, Posix.MAP_SHARED, fd, 0);
        Assert.NotEqual(-1, address);
        var span = new Span<byte>((void*)address, size);
        Assert.True(model.AsSpan(0, size).SequenceEqual(span), "the map differs from the model");
        int offset = random.Next(size);
        int length = random.Next(1, Math.Min(10_000, size - offset) + 1);
        random.NextBytes(model.AsSpan(offset, length));
        model.AsSpan(offset, length).CopyTo(span[offset..]);
        if (random.Next(2) == 0)
            Assert.Equal(0, Posix.msync(address, (nuint)size, Posix.MS_SYNC));
        Assert.Equal(0, Posix.munmap(address, (nuint)size));
    }

    [MountTheory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task NamesFromManyThreadsAreRecordedAsTheyAre(int threads)
    {
        int seed = Seed();
        var recorder = new MemoryRecorder();
        string replica = MountLab.NewFolder();
        await using (MountLab lab = MountLab.Mount(recorder, new MountSettings { Index = 0, Wait = WaitPolicy.Close }))
        {
            Task[] runs = [.. Enumerable.Range(0, threads).Select(i => Task.Factory.StartNew(
                () => NameSteps(new Random(seed + i), lab.Path, Steps / threads), TaskCreationOptions.LongRunning))];
            await Task.WhenAll(runs).WaitAsync(TimeSpan.FromSeconds(60));
            await lab.UnmountAsync();
            Assert.Empty(recorder.GivenUp);
            Replay(recorder, replica);
            Compare(lab.Path, replica);
        }
        Posix.RemoveTree(replica);
    }

    [MountFact]
    public async Task ChangingEpochsOnlyNeedsTheNamesOfThatMoment()
    {
        int seed = Seed();
        var recorder = new MemoryRecorder();
        string replica = MountLab.NewFolder();
        await using (MountLab lab = MountLab.Mount(recorder, new MountSettings { Index = 0, Wait = WaitPolicy.Close }))
        {
            for (int round = 0; round < 5; round++)
            {
                NameSteps(new Random(seed + round), lab.Path, Steps / 10);
                recorder.Epoch++;
            }
            await lab.UnmountAsync();
            Assert.Empty(recorder.GivenUp);
            Replay(recorder, replica);
            Compare(lab.Path, replica);
        }
        Posix.RemoveTree(replica);
    }

    /// <summary>Calls that may fail, as those of threads that know nothing of each other.</summary>
    private static void NameSteps(Random random, string root, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            string path = Anywhere(random, root);
            switch (random.Next(12))
            {
                case 0 or 1: Posix.MakeDirectory(path); break;
                case 2 or 3 or 4: WriteSome(random, path); break;
                case 5: Posix.Unlink(path); break;
                case 6: Posix.RemoveDirectory(path); break;
                case 7: Posix.Rename(path, Anywhere(random, root)); break;
                case 8: Posix.Rename(path, Anywhere(random, root), random.Next(2) == 0 ? LibC.RENAME_EXCHANGE : LibC.RENAME_NOREPLACE); break;
                case 9: Posix.Link(path, Anywhere(random, root)); break;
                case 10: Posix.SymbolicLink("somewhere", path); break;
                default: Attributes(random, path); break;
            }
        }
    }

    private static string Anywhere(Random random, string root)
    {
        string path = root;
        for (int depth = random.Next(1, 4); depth > 0; depth--)
            path += "/" + _names[random.Next(_names.Length)];
        return path;
    }

    private static void WriteSome(Random random, string path)
    {
        int fd = Posix.Open(path, LibC.O_CREAT | LibC.O_RDWR | LibC.O_NOFOLLOW | (random.Next(3) == 0 ? LibC.O_TRUNC : 0));
        if (fd < 0)
            return;
        byte[] data = new byte[random.Next(5000)];
        random.NextBytes(data);
        Posix.Write(fd, data, random.Next(20_000));
        if (random.Next(8) == 0)
            Posix.Fsync(fd);
        Posix.Close(fd);
    }

    private static void Attributes(Random random, string path)
    {
        switch (random.Next(3))
        {
            case 0: Posix.SetXattr(path, $"user.{random.Next(3)}", BitConverter.GetBytes(random.Next())); break;
            case 1: Posix.RemoveXattr(path, $"user.{random.Next(3)}"); break;
            default: Posix.ChangeOwner(path, (uint)random.Next(3), (uint)random.Next(3)); break;
        }
    }

    private static void Replay(MemoryRecorder recorder, string folder)
    {
        using var replica = new TestReplica(folder);
        foreach (RecordedOperation operation in recorder.Operations)
            replica.Apply(operation);
    }

    /// <summary>Names, content, attributes and times of two trees are the same.</summary>
    private static void Compare(string expected, string actual)
    {
        Assert.Equal(Posix.List(expected), Posix.List(actual));
        foreach (string name in Posix.List(expected))
        {
            string path = $"{expected}/{name}";
            string other = $"{actual}/{name}";
            Statx status = Posix.Status(path);
            Statx otherStatus = Posix.Status(other);
            Assert.True(
                Facts(status) == Facts(otherStatus),
                $"{path}: {Facts(status)} underneath, {Facts(otherStatus)} in the replica");
            Assert.Equal(Posix.ListXattrs(path), Posix.ListXattrs(other));
            foreach (string key in Posix.ListXattrs(path))
                Assert.Equal(Posix.GetXattr(path, key), Posix.GetXattr(other, key));
            if (status.IsDirectory)
                Compare(path, other);
            else if (status.IsRegular)
                Assert.True(Content(path).AsSpan().SequenceEqual(Content(other)), $"{path} differs");
            else
                Assert.Equal(Posix.ReadLink(path), Posix.ReadLink(other));
        }
    }

    private static (ushort Mode, uint User, uint Group, uint Links, ulong Size, long MtimeNs) Facts(in Statx status) =>
        (status.Mode, status.UserId, status.GroupId, status.Links, status.IsDirectory ? 0 : status.Size, status.MtimeNs);

    private static byte[] Content(string path)
    {
        int fd = Posix.Open(path, LibC.O_RDONLY);
        Assert.True(fd >= 0, Errno.Describe(path, -fd));
        byte[] content = Posix.Read(fd, 1 << 20, 0);
        Posix.Close(fd);
        return content;
    }
}
