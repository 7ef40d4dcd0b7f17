using System.Runtime.InteropServices;
using SafeKit.Core.Native;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Tests.Support;

namespace SafeKit.Mirror.Tests.FileSystem;

/// <summary>A mounted tree in use.</summary>
[Collection(MountCollection.Name)]
public class MountedTreeTests
{
    [MountFact]
    public async Task WhatIsWrittenIsUnderneathAndRecorded()
    {
        var recorder = new MemoryRecorder();
        await using MountLab lab = MountLab.Mount(recorder);
        Directory.CreateDirectory($"{lab.Path}/a");
        await File.WriteAllTextAsync($"{lab.Path}/a/file", "hello");
        File.Move($"{lab.Path}/a/file", $"{lab.Path}/other");
        using (FileStream stream = File.Open($"{lab.Path}/other", FileMode.Append))
        {
            stream.Write("!"u8);
            stream.Flush(flushToDisk: true);
        }
        Assert.Equal("hello!", await File.ReadAllTextAsync($"{lab.Path}/other"));
        Assert.Equal("hello!", await File.ReadAllTextAsync($"{lab.Below}/other"));
        File.Delete($"{lab.Path}/other");
        Assert.Equal(
            [OperationKind.Create, OperationKind.Create, OperationKind.Write, OperationKind.Rename, OperationKind.Write, OperationKind.Sync, OperationKind.Unlink],
            recorder.Operations.Select(o => o.Kind).Where(k => k != OperationKind.SetAttributes));
        await lab.UnmountAsync();
        Assert.True(Directory.Exists($"{lab.Path}/a"));
        Assert.True(lab.Root.HasHandles);
    }

    /// <summary>The kernel keeps times itself while it writes back: also of what goes past its cache.</summary>
    [MountFact]
    public async Task WhatIsWrittenDirectlyHasANewTime()
    {
        await using MountLab lab = MountLab.Mount(new MemoryRecorder());
        string path = $"{lab.Path}/direct";
        int fd = Posix.Open(path, LibC.O_CREAT | LibC.O_RDWR | LibC.O_DIRECT);
        Assert.Equal(0, WritePage(fd));
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(path));
        Assert.Equal(0, WritePage(fd));
        Assert.NotEqual(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(path));
        Assert.Equal(0, Posix.Close(fd));
        await lab.UnmountAsync();
        Assert.NotEqual(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(path));
    }

    private static unsafe int WritePage(int fd)
    {
        const int Bytes = 4096;
        byte* page = (byte*)NativeMemory.AlignedAlloc(Bytes, Bytes);
        int errno = LibC.pwrite(fd, page, Bytes, 0) == Bytes ? 0 : Errno.Last;
        NativeMemory.AlignedFree(page);
        return errno;
    }

    [MountFact]
    public async Task AListingShowsAlsoWhatWasMadeByACallThatFailed()
    {
        var recorder = new MemoryRecorder();
        await using MountLab lab = MountLab.Mount(recorder);
        Directory.CreateDirectory($"{lab.Path}/a/before");
        // The kernel keeps what it reads once the time of the directory is the one that it knows.
        for (int i = 0; i < 3; i++)
            Assert.Equal([$"{lab.Path}/a/before"], Directory.GetDirectories($"{lab.Path}/a"));
        recorder.Refusal = new InvalidOperationException("not recorded");
        Assert.Throws<IOException>(() => Directory.CreateDirectory($"{lab.Path}/a/after"));
        recorder.Refusal = null;
        Assert.True(Directory.Exists($"{lab.Below}/a/after"));
        Assert.Equal([$"{lab.Path}/a/after", $"{lab.Path}/a/before"], Directory.GetDirectories($"{lab.Path}/a").Order());
    }
}
