using System.Runtime.InteropServices;
using SafeKit.Core.Native;

namespace SafeKit.Core;

/// <summary>Replaces a small file so that a crash leaves the old content or the new one, and never a part.</summary>
public static partial class DurableFile
{
    private const int ReadOnlyDirectoryCloseOnExec = 0x10000 | 0x80000;

    /// <exception cref="SafeKitException">The disk refused: the old content stays.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string aside = path + ".new";
        try
        {
            using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(content);

                // FileStream.Flush(flushToDisk: true) was seen to return where fsync(2) had failed with ENOSPC.
                if (Sync(file.SafeFileHandle.DangerousGetHandle().ToInt32()) != 0)
                    throw new IOException(Errno.Describe("fsync", Marshal.GetLastPInvokeError()));
            }

            File.Move(aside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SafeKitException($"{path}: cannot be written: {e.Message}; mend the disk or make room", e);
        }

        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>From here on it is not there; after a crash it may be there, and empty, which must mean the same.</summary>
    /// <exception cref="SafeKitException">The disk refused: the old content may be there.</exception>
    public static void Remove(string path)
    {
        if (!File.Exists(path))
            return;

        // Emptied first: its emptiness is synced with the file itself.
        Replace(path, []);
        File.Delete(path);
    }

    /// <summary>A rename is on disk when its folder is (rename(2), fsync(2)).</summary>
    private static void SyncFolder(string folder)
    {
        int descriptor = Open(folder, ReadOnlyDirectoryCloseOnExec);
        int errno = Marshal.GetLastPInvokeError();
        if (descriptor >= 0)
        {
            int result = Sync(descriptor);
            errno = Marshal.GetLastPInvokeError();
            _ = Close(descriptor);
            if (result == 0)
                return;
        }

        throw new SafeKitException($"{Errno.Describe($"fsync of {folder}", errno)}; mend the disk");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
