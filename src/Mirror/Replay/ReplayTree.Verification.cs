using System.Text;
using SafeKit.Core.Wire;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Replay;

/// <summary>Comparison without changing anything.</summary>
internal sealed unsafe partial class ReplayTree
{
    /// <summary>Whether an id can be compared: what is missing here was counted with its directory.</summary>
    public bool Knows(ulong id) => id == FileId.Root || _files.ContainsKey(id);

    public void CompareListing(in Operation operation, Action<string> differs)
    {
        int directory = DirectoryDescriptor(operation.Header.File);
        ListedNames names = ListingOf(operation.Header.File);
        var reader = new WireReader(operation.Data);
        while (reader.Remaining > 0)
        {
            ListingEntry entry = NextEntry(ref reader, names);
            directory = DirectoryDescriptor(operation.Header.File);
            if (!TryStat(directory, entry.Name, out Statx stat))
                differs($"{PathOf(directory, entry.Name)}: is missing");
            else if (Difference(directory, entry, stat) is { } what)
                differs($"{PathOf(directory, entry.Name)}: {what}");
            else if (!_files.ContainsKey(entry.File))
                Learn(entry.File, operation.Header.File, directory, entry.Name);
        }

        if (operation.Header.Flags.HasFlag(OperationFlags.More))
            return;
        _listing = null;
        foreach (byte[] extra in ExtraNames(directory, names))
            differs($"{PathOf(directory, extra)}: is not on the primary");
    }

    public void CompareAttributes(in Operation operation, Action<string> differs)
    {
        OperationHeader header = operation.Header;
        int descriptor = Descriptor(header.File);
        Statx stat = StatOf(descriptor);
        if (stat.Type != LibC.S_IFLNK && (stat.Mode & PermissionBits) != (header.Mode & PermissionBits))
            Differs($"mode {Octal(stat.Mode)}, not {Octal(header.Mode)}");
        if (stat.UserId != header.UserId || stat.GroupId != header.GroupId)
            Differs($"owner {stat.UserId}:{stat.GroupId}, not {header.UserId}:{header.GroupId}");
        if (stat.IsRegular && (long)stat.Size != header.Length)
            Differs($"{stat.Size} bytes, not {header.Length}");
        if (header.MtimeNs != OperationHeader.NoTime && stat.MtimeNs != header.MtimeNs)
            Differs($"modified at {stat.MtimeNs} ns, not {header.MtimeNs} ns");
        CompareXattrs(header.File, descriptor, operation.Data, Differs);

        void Differs(string what) => differs($"{PathOfDescriptor(descriptor)}: {what}");
    }

    public string DescribeRange(in OperationHeader header) =>
        $"{PathOfDescriptor(Descriptor(header.File))}: content of {header.Length} bytes from {header.Offset}";

    private void CompareXattrs(ulong id, int descriptor, ReadOnlySpan<byte> wanted, Action<string> differs)
    {
        foreach (byte[] name in XattrNames(id, descriptor))
        {
            if (!Holds(wanted, name))
                differs($"extended attribute {Encoding.UTF8.GetString(name)} is not on the primary");
        }

        byte* path = stackalloc byte[NativeText.DescriptorPathRoom];
        byte* text = stackalloc byte[XattrNameRoom];
        NativeText.DescriptorPath(descriptor, new Span<byte>(path, NativeText.DescriptorPathRoom));
        var reader = new WireReader(wanted);
        while (reader.Remaining > 0)
        {
            if (!XattrList.TryRead(ref reader, out XattrList entry))
                throw new ReplayException("extended attributes that end within one");
            WriteXattrName(entry.Name, text);
            if (!ReadXattr(path, text, out bool exists).SequenceEqual(entry.Value) || !exists)
                differs($"extended attribute {Encoding.UTF8.GetString(entry.Name)} differs");
        }
    }

    private static string Octal(uint mode) => Convert.ToString(mode & PermissionBits, 8).PadLeft(4, '0');
}
