using System.Text;
using SafeKit.Core.Native;
using SafeKit.Core.Wire;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Replay;

/// <summary>A survey reaches a directory: its names become those of the primary.</summary>
internal sealed unsafe partial class ReplayTree
{
    private const int NamesBytes = 32 << 10;

    private ListedNames? _listing;

    /// <summary>What listings had to make, and whose attributes have not come since.</summary>
    private readonly HashSet<ulong> _unfilled = [];

    /// <summary>
    /// A survey is going on: directories that it has not listed yet may hold on this node what the primary has removed, so removing one means
    /// all that is in it.
    /// </summary>
    public bool IsSurveyed { get; private set; }

    /// <summary>Nothing that has been begun is carried on.</summary>
    public void BeginAnew(bool surveyed)
    {
        IsSurveyed = surveyed;
        _listing = null;
        _unfilled.Clear();
    }

    /// <summary>The survey has ended.</summary>
    /// <param name="mustBeFilled">
    /// Only what was marked was compared. Whatever a listing had to make here was changed on the primary, and must have been marked as that.
    /// </param>
    /// <exception cref="ReplayException">Something that was made was not marked: a survey of everything finds what it is like.</exception>
    public void EndSurvey(bool mustBeFilled)
    {
        IsSurveyed = false;
        if (mustBeFilled && _unfilled.Count > 0)
            throw new ReplayException($"{_unfilled.Count} files were missing in {_root.Path} that were not marked as changed");
        _unfilled.Clear();
    }

    /// <returns>Ids of what was missing, and is there now without its attributes and its content.</returns>
    public List<ulong> MakeListing(in Operation operation)
    {
        var made = new List<ulong>();
        int directory = DirectoryDescriptor(operation.Header.File);
        ListedNames names = ListingOf(operation.Header.File);
        var reader = new WireReader(operation.Data);
        while (reader.Remaining > 0)
        {
            ListingEntry entry = NextEntry(ref reader, names);

            // What came before may have pushed the directory out of the open ones.
            directory = DirectoryDescriptor(operation.Header.File);
            if (MakeEntry(operation.Header.File, directory, entry))
                made.Add(entry.File);
        }

        if (operation.Header.Flags.HasFlag(OperationFlags.More))
            return made;
        _listing = null;
        foreach (byte[] extra in ExtraNames(directory, names))
            Remove(directory, extra);
        return made;
    }

    private ListedNames ListingOf(ulong directory)
    {
        _listing ??= new ListedNames(directory);
        return _listing.Directory == directory
            ? _listing
            : throw new ReplayException($"a listing of file {directory} within one of file {_listing.Directory}");
    }

    private static ListingEntry NextEntry(ref WireReader reader, ListedNames names)
    {
        if (!ListingEntry.TryRead(ref reader, out ListingEntry entry))
            throw new ReplayException("a listing that ends within an entry");
        RefuseReserved(entry.File);
        byte* text = stackalloc byte[NativeText.NameRoom];
        WriteName(entry.Name, text);
        return names.Add(entry.Name)
            ? entry
            : throw new ReplayException($"a listing with {Encoding.UTF8.GetString(entry.Name)} twice");
    }

    /// <returns>Whether there was no such file.</returns>
    private bool MakeEntry(ulong parent, int directory, in ListingEntry entry)
    {
        uint type = entry.Mode & LibC.S_IFMT;
        if (_files.TryGetValue(entry.File, out OwnFile known) && known.Type != type)
            Forget(entry.File);
        bool isKnown = _files.ContainsKey(entry.File);
        if (TryStat(directory, entry.Name, out Statx stat))
        {
            if (Difference(directory, entry, stat) is null)
            {
                if (!isKnown)
                    Learn(entry.File, parent, directory, entry.Name);
                return false;
            }

            Remove(directory, entry.Name);
        }

        if (isKnown && TryBring(entry.File, parent, directory, entry.Name))
            return false;
        int errno = MakeNode(directory, entry.Name, type | OnlyOwner, entry.Device, entry.Target);
        if (errno != 0)
            throw Failed("create", directory, entry.Name, errno);
        HasChanged = true;
        Learn(entry.File, parent, directory, entry.Name);
        _unfilled.Add(entry.File);
        return true;
    }

    /// <summary>Null where the name stands for what the primary has under it, as far as a listing tells; otherwise in what it differs.</summary>
    private string? Difference(int directory, in ListingEntry entry, in Statx stat)
    {
        if (stat.Type != (entry.Mode & LibC.S_IFMT))
            return "is of another type";
        if (_files.TryGetValue(entry.File, out OwnFile known))
        {
            if (known.Inode != stat.Inode)
                return "is not a hard link of the same file";
        }
        else if (stat.Links > 1 && !stat.IsDirectory && _idOfLinked.ContainsKey(stat.Inode))
        {
            return "is a hard link of another file";
        }

        return stat.Type switch
        {
            LibC.S_IFCHR or LibC.S_IFBLK when stat.Rdev != entry.Device => "is another device",
            LibC.S_IFLNK when !IsLinkTo(directory, entry.Name, entry.Target) => "is a symbolic link to another path",
            _ => null,
        };
    }

    private static bool IsLinkTo(int directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target)
    {
        const int targetMax = 4096;
        byte* text = stackalloc byte[NativeText.NameRoom];
        byte* own = stackalloc byte[targetMax];
        WriteName(name, text);
        nint length = LibC.readlinkat(directory, text, own, targetMax);
        return length >= 0 && new ReadOnlySpan<byte>(own, (int)length).SequenceEqual(target);
    }

    /// <summary>
    /// A file that stands elsewhere already comes under this name too; a directory, which has one name, moves here. False where it is gone.
    /// </summary>
    private bool TryBring(ulong id, ulong parent, int directory, ReadOnlySpan<byte> name)
    {
        int errno = Known(id).IsDirectory ? MoveDirectory(id, directory, name) : LinkTo(id, directory, name);
        if (errno is Errno.ENOENT or Errno.ESTALE)
        {
            Forget(id);
            return false;
        }

        if (errno != 0)
            throw Failed("link", directory, name, errno);
        HasChanged = true;
        SetParent(id, parent);
        return true;
    }

    private int MoveDirectory(ulong id, int directory, ReadOnlySpan<byte> name)
    {
        int descriptor = TryDescriptor(id);
        if (descriptor < 0)
            return -descriptor;
        ReadOnlySpan<byte> root = PathBytes(_mount);
        ReadOnlySpan<byte> path = PathBytes(descriptor);
        if (!path.StartsWith(root) || path.Length <= root.Length + 1)
            return Errno.ENOENT;
        byte[] relative = [.. path[(root.Length + 1)..], 0];
        byte* text = stackalloc byte[NativeText.NameRoom];
        WriteName(name, text);
        fixed (byte* from = relative)
            return LibC.renameat2(_mount, from, directory, text, LibC.RENAME_NOREPLACE) == 0 ? 0 : Errno.Last;
    }

    /// <summary>Names that are here and were not listed, without those that are left to each node.</summary>
    private List<byte[]> ExtraNames(int directory, ListedNames names)
    {
        var extra = new List<byte[]>();
        byte[] relative = RelativePath(directory);
        int descriptor = OpenDirectory(directory, "."u8);
        try
        {
            var own = new DirectoryNames(descriptor, stackalloc byte[NamesBytes]);
            while (own.Next())
            {
                if (!names.Contains(own.Name) && !IsExcluded(directory, relative, own.Name))
                    extra.Add(own.Name.ToArray());
            }
        }
        finally
        {
            _ = LibC.close(descriptor);
        }

        return extra;
    }

    private static int OpenDirectory(int directory, ReadOnlySpan<byte> name)
    {
        byte* text = stackalloc byte[NativeText.NameRoom];
        name.CopyTo(new Span<byte>(text, NativeText.NameRoom));
        text[name.Length] = 0;
        int descriptor = LibC.openat(
            directory, text, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_NOATIME | LibC.O_CLOEXEC, 0);
        return descriptor >= 0 ? descriptor : throw new ReplayException($"open of {PathOf(directory, name)}", Errno.Last);
    }
}
