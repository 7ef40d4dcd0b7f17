using System.Diagnostics;
using SafeKit.Mirror.FileSystem;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Tests.Support;

/// <summary>
/// A disk mounted over a folder that stops keeping what is written: its blocks are in a file in memory that has no room left. The page cache takes the write,
/// the disk refuses it later, and only fsync says so (ENOSPC here, as the block layer has it; EIO where a sector is bad).
/// </summary>
internal sealed class FaultyDisk : IDisposable
{
    private const int RoomMb = 48;

    private readonly string _folder;
    private readonly string _memory;

    public FaultyDisk(string folder)
    {
        _folder = folder;
        _memory = Directory.CreateTempSubdirectory("safekit-mirror-disk-").FullName;
        Run("mount", "-t", "tmpfs", "-o", $"size={RoomMb}m", "tmpfs", _memory);
        Run("truncate", "--size", "256M", Image);

        // Without a journal: what fails is the application's data, and the file system stays writable.
        Run("mkfs.ext4", "-q", "-O", "^has_journal", Image);
        Mount();
    }

    private string Image => Path.Combine(_memory, "image");

    private string Filler => Path.Combine(_memory, "filler");

    public void Break()
    {
        Run("sync", "--file-system", _folder);
        using var file = new FileStream(Filler, FileMode.Create);
        byte[] block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    public void Mend() => File.Delete(Filler);

    /// <summary>What is read from here on is what the disk has.</summary>
    public void Remount()
    {
        Run("umount", _folder);
        Mount();
    }

    public void Dispose()
    {
        _ = StaleMounts.Unmount(_folder, LibC.MNT_DETACH);
        _ = StaleMounts.Unmount(_memory, LibC.MNT_DETACH);
        Directory.Delete(_memory);
    }

    private void Mount() => Run("mount", "-t", "ext4", "-o", "loop,errors=continue", Image, _folder);

    private static void Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}: {errors}");
    }
}
