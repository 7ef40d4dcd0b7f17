using System.Diagnostics;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Tests.Support;

/// <summary>A small ext4 of its own, from a file on a loop device, mounted.</summary>
internal sealed class LoopDisk : IDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);
    private int _image;
    private readonly string _folder = Directory.CreateTempSubdirectory("safekit-disk-").FullName;

    /// <param name="point">Where it is mounted; null: a folder of its own.</param>
    public LoopDisk(int mebibytes, string? point = null, string format = "")
    {
        Point = point ?? Directory.CreateDirectory(Path.Combine(_folder, "disk")).FullName;
        using (FileStream image = File.Create(Image))
            image.SetLength((long)mebibytes << 20);
        try
        {
            Run($"/usr/sbin/mkfs.ext4 -q -m 0 {format} {Image}");
            Run($"mount -o loop,errors=remount-ro {Image} {Point}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Point { get; }

    private string Image => Path.Combine(_folder, $"image{_image}");

    public void Remount(string options) => Run($"mount -o remount,{options} {Point}");

    /// <summary>What a broken block does: ext4 stops writing.</summary>
    public void Break()
    {
        string device = File.ReadLines("/proc/self/mounts").Last(line => line.Contains($" {Point} ext4 ", StringComparison.Ordinal)).Split(' ')[0];
        File.WriteAllText($"/sys/fs/ext4/{Path.GetFileName(device)}/trigger_fs_error", "1");
    }

    /// <summary>
    /// The power fails and comes back: what only memory has is gone, nothing is flushed (FS_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH,
    /// include/uapi/linux/fs.h), and the journal is replayed.
    /// </summary>
    public unsafe void LosePower()
    {
        const nuint Shutdown = 0x8004587D;
        uint noLogFlush = 2;
        int descriptor = Posix.Open(Point, LibC.O_RDONLY | LibC.O_DIRECTORY);
        Assert.True(descriptor >= 0);
        Assert.Equal(0, LibC.ioctl(descriptor, Shutdown, &noLogFlush));
        Assert.Equal(0, Posix.Close(descriptor));

        // A mount namespace that somebody made meanwhile may hold the old file system, which would be mounted again as it is: shut down.
        string before = Image;
        Run($"umount -l {Point}");
        _image++;
        Run($"cp --sparse=always {before} {Image}");
        Run($"mount -o loop,errors=remount-ro {Image} {Point}");
    }

    /// <summary>What memory has, the disk has too.</summary>
    public void Flush()
    {
        int descriptor = Posix.Open(Point, LibC.O_RDONLY | LibC.O_DIRECTORY);
        Assert.Equal(0, LibC.syncfs(descriptor));
        Assert.Equal(0, Posix.Close(descriptor));
    }

    public string Sub(string name) => Directory.CreateDirectory(Path.Combine(Point, name)).FullName;

    public void Dispose()
    {
        using (Process? unmount = Process.Start("umount", ["-l", Point]))
            unmount?.WaitForExit(_limit);
        Directory.Delete(_folder, recursive: true);
    }

    private static void Run(string command)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(_limit) && process.ExitCode == 0, $"{command}: {errors}");
    }
}
