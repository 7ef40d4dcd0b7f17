namespace SafeKit.Lab.Isolation;

/// <summary>
/// A disk of a machine of its own: ext4 in a file, mounted inside the machine, so that the mount and its loop device go with the machine. It can lose
/// power (FS_IOC_SHUTDOWN): what was not on the disk is not there at the next mount, which replays the journal.
/// </summary>
public sealed class DataDisk
{
    // The journal is not written by the clock, so that what is there after a loss of power was asked for.
    private const string Options = "loop,commit=300";

    private static readonly TimeSpan _releaseLimit = TimeSpan.FromSeconds(20);

    private readonly string _image;

    private DataDisk(string image) => _image = image;

    /// <summary>Makes an empty disk.</summary>
    public static async Task<DataDisk> MakeAsync(string image, int sizeMb)
    {
        await using (var file = new FileStream(image, FileMode.CreateNew))
            file.SetLength((long)sizeMb << 20);
        await Command.MustRunAsync(["mkfs.ext4", "-q", "-m", "0", image]);
        return new DataDisk(image);
    }

    /// <summary>Mounts it in a machine, once nothing of a former machine holds it any more.</summary>
    public async Task MountAsync(NamespaceHolder machine, string folder)
    {
        var deadline = DateTime.UtcNow + _releaseLimit;
        while (await Command.MustRunAsync(["losetup", "--associated", _image]) is { Length: > 0 } holder)
        {
            if (DateTime.UtcNow > deadline)
                throw new LabException($"{_image} is still in use: {holder.Trim()}");
            await Task.Delay(20);
        }

        await Command.MustRunAsync(machine.Inside("mount", "-t", "ext4", "-o", Options, _image, folder));
    }
}
