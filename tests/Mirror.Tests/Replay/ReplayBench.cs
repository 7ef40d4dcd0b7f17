using System.Text;
using SafeKit.Mirror.Generations;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;
using SafeKit.Mirror.Replay;

namespace SafeKit.Mirror.Tests.Replay;

/// <summary>A real directory, a replayer on it, and operations written by hand.</summary>
internal sealed unsafe class ReplayBench : IReplayAnswers, IDisposable
{
    public const ulong Root = FileId.Root;
    public const uint Regular = LibC.S_IFREG;
    public const uint Folder = LibC.S_IFDIR;
    public const uint SymbolicLink = LibC.S_IFLNK;

    private readonly byte[] _buffer = new byte[OperationHeader.BytesMax];
    private readonly int _root;
    private readonly bool _ownsFolder;

    public ReplayBench(Func<ReadOnlySpan<byte>, bool, bool>? isExcluded = null, string? folder = null)
    {
        _ownsFolder = folder is null;
        Path = folder ?? Directory.CreateTempSubdirectory("safekit-replay-").FullName;
        fixed (byte* path = Encoding.UTF8.GetBytes(Path + "\0"))
            _root = LibC.open(path, LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_CLOEXEC, 0);
        Replayer = new Replayer([new ReplayRoot(_root, Path, isExcluded)], this);
        Replayer.Begin(1, ReintegrationKind.None);
    }

    private readonly List<int> _barrierDescriptors = [];

    public string Path { get; }

    public Replayer Replayer { get; }

    public List<string> Differences { get; } = [];

    public List<(ulong File, long Offset, long Length, bool Equal)> Digests { get; } = [];

    public List<ulong> Checkpoints { get; } = [];

    public List<ulong> Barriers { get; } = [];

    /// <summary>Of every barrier, its file on this node; held open until the end.</summary>
    public List<ulong> BarrierInodes { get; } = [];

    public GenerationRecord? Ended { get; private set; }

    public bool SyncsBarriers { get; init; }

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Text(string name) => File.ReadAllText(At(name));

    public void Dispose()
    {
        Replayer.Dispose();
        _barrierDescriptors.ForEach(descriptor => _ = LibC.close(descriptor));
        _ = LibC.close(_root);
        if (_ownsFolder)
            Directory.Delete(Path, recursive: true);
    }

    public void Apply(OperationHeader header, string name = "", string otherName = "", byte[]? data = null) =>
        ApplyBytes(header, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(otherName), data ?? []);

    public void ApplyBytes(OperationHeader header, byte[] name, byte[] otherName, byte[] data)
    {
        header.Sequence = Replayer.Applied + 1;
        int bytes = OperationHeader.Write(ref header, name, otherName, data, _buffer);
        Assert.Equal(OperationReadVerdict.Complete, Operation.TryRead(_buffer.AsSpan(0, bytes), out Operation operation));
        Replayer.Apply(operation);
    }

    public void Create(ulong id, ulong parent, string name, uint mode, uint user = 0, uint group = 0, string target = "", uint device = 0)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Create, 0, id);
        header.Parent = parent;
        header.Mode = mode;
        header.UserId = user;
        header.GroupId = group;
        header.Device = device;
        Apply(header, name, data: Encoding.UTF8.GetBytes(target));
    }

    public void Introduce(ulong id, ulong parent, string name)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Introduce, 0, id);
        header.Parent = parent;
        Apply(header, name);
    }

    public void Write(ulong id, long offset, string text, long mtimeNs = OperationHeader.NoTime)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Write, 0, id);
        header.Offset = offset;
        header.MtimeNs = mtimeNs;
        Apply(header, data: Encoding.UTF8.GetBytes(text));
    }

    public void Named(OperationKind kind, ulong id, ulong parent, string name, OperationFlags flags = OperationFlags.None)
    {
        OperationHeader header = OperationHeader.Of(kind, 0, id);
        header.Parent = parent;
        header.Flags = flags;
        Apply(header, name);
    }

    public void Rename(
        ulong id, ulong parent, string name, ulong otherParent, string otherName, uint how = 0, ulong otherFile = 0, OperationFlags flags = OperationFlags.None)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Rename, 0, id);
        header.Parent = parent;
        header.OtherParent = otherParent;
        header.OtherFile = otherFile;
        header.Argument = how;
        header.Flags = flags;
        Apply(header, name, otherName);
    }

    public void List(ulong directory, OperationFlags flags, params (ulong File, uint Mode, string Name, string Target)[] entries) =>
        ListDevices(directory, flags, [.. entries.Select(e => (e.File, e.Mode, e.Name, e.Target, 0u))]);

    public void ListDevices(ulong directory, OperationFlags flags, (ulong File, uint Mode, string Name, string Target, uint Device)[] entries)
    {
        var data = new List<byte>();
        byte[] room = new byte[8192];
        foreach ((ulong file, uint mode, string name, string target, uint device) in entries)
        {
            var entry = new ListingEntry
            {
                File = file,
                Mode = mode,
                Device = device,
                Name = Encoding.UTF8.GetBytes(name),
                Target = Encoding.UTF8.GetBytes(target),
            };
            data.AddRange(room.AsSpan(0, entry.Write(room)));
        }

        OperationHeader header = OperationHeader.Of(OperationKind.Listing, 0, directory);
        header.Flags = flags;
        Apply(header, data: [.. data]);
    }

    public static byte[] Xattrs(params (string Name, byte[] Value)[] xattrs)
    {
        var data = new List<byte>();
        byte[] room = new byte[70000];
        foreach ((string name, byte[] value) in xattrs)
        {
            var entry = new XattrList { Name = Encoding.UTF8.GetBytes(name), Value = value };
            data.AddRange(room.AsSpan(0, entry.Write(room)));
        }

        return [.. data];
    }

    public Statx Stat(string name)
    {
        Statx stat;
        fixed (byte* path = Encoding.UTF8.GetBytes(At(name) + "\0"))
        {
            int result = LibC.statx(LibC.AT_FDCWD, path, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &stat);
            Assert.True(result == 0, $"{name} is missing");
        }

        return stat;
    }

    public byte[]? Xattr(string name, string attribute)
    {
        byte[] value = new byte[65536];
        fixed (byte* path = Encoding.UTF8.GetBytes(At(name) + "\0"), text = Encoding.UTF8.GetBytes(attribute + "\0"), target = value)
        {
            nint length = LibC.lgetxattr(path, text, target, (nuint)value.Length);
            return length < 0 ? null : value[..(int)length];
        }
    }

    public void SetXattr(string name, string attribute, byte[] value)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(At(name) + "\0"), text = Encoding.UTF8.GetBytes(attribute + "\0"), source = value)
            Assert.Equal(0, LibC.lsetxattr(path, text, source, (nuint)value.Length, 0));
    }

    public void CheckpointAsked(ulong sequence) => Checkpoints.Add(sequence);

    public void Barrier(in OperationHeader operation, int descriptor, ulong ownInode)
    {
        Barriers.Add(operation.Sequence);
        BarrierInodes.Add(ownInode);
        _barrierDescriptors.Add(descriptor);
    }

    public void Compared(in OperationHeader operation, bool equal) =>
        Digests.Add((operation.File, operation.Offset, operation.Length, equal));

    public void Differs(string what) => Differences.Add(what);

    public void Verified(in OperationHeader operation) => Differences.Add("end");

    public void ReintegrationEnded(GenerationRecord record) => Ended = record;
}
