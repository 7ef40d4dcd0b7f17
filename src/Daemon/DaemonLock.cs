using SafeKit.Core;

namespace SafeKit.Daemon;

/// <summary>
/// One daemon per root: an exclusive lock on a file that the kernel releases when the process ends, however it ends.
/// </summary>
public sealed class DaemonLock : IDisposable
{
    private readonly FileStream _file;

    private DaemonLock(FileStream file) => _file = file;

    /// <exception cref="SafeKitException">Another daemon holds the lock.</exception>
    public static DaemonLock Take(NodePaths paths)
    {
        Directory.CreateDirectory(paths.Run);
        try
        {
            return new DaemonLock(new FileStream(
                paths.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (File.Exists(paths.LockFile))
        {
            throw new SafeKitException(
                $"another safekitd already runs with root {paths.Root} ({e.Message}); stop it first: systemctl stop safekitd", e);
        }
    }

    public void Dispose() => _file.Dispose();
}
