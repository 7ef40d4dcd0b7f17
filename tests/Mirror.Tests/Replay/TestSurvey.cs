using System.Security.Cryptography;
using System.Text;
using SafeKit.Mirror.Native;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Tests.Replay;

/// <summary>A survey of a directory at rest, as a primary would send it.</summary>
internal sealed class TestSurvey(string source, ReplayBench bench, OperationFlags flags = OperationFlags.Reintegration)
{
    private const int PieceBytes = 64 << 10;
    private const int NamesPerPart = 3;

    private readonly HashSet<ulong> _done = [];

    public void Run()
    {
        var folders = new Queue<(ulong Id, string Path)>();
        folders.Enqueue((FileId.Root, source));
        while (folders.TryDequeue(out (ulong Id, string Path) folder))
        {
            (ulong Id, string Path, Statx Stat)[] entries = [.. Directory.GetFileSystemEntries(folder.Path).Select(p => (TreeText.Stat(p).Inode, p, TreeText.Stat(p)))];
            List(folder.Id, entries);
            foreach ((ulong id, string path, Statx stat) in entries)
            {
                if (stat.IsDirectory)
                    folders.Enqueue((id, path));
                else if (_done.Add(id))
                    Send(id, path, stat);
            }

            // A folder last: what is made in it moves its time.
            SendAttributes(folder.Id, folder.Path, TreeText.Stat(folder.Path));
        }

        bench.Replayer.Settle();
    }

    private void List(ulong folder, (ulong Id, string Path, Statx Stat)[] entries)
    {
        int position = 0;
        do
        {
            (ulong, uint, string, string, uint)[] part =
            [
                .. entries.Skip(position).Take(NamesPerPart).Select(e =>
                    (e.Id, (uint)e.Stat.Mode, Path.GetFileName(e.Path), e.Stat.Type == LibC.S_IFLNK ? new FileInfo(e.Path).LinkTarget! : "", e.Stat.Rdev)),
            ];
            position += part.Length;
            bench.ListDevices(folder, flags | (position < entries.Length ? OperationFlags.More : 0), part);
        }
        while (position < entries.Length);
    }

    private void Send(ulong id, string path, Statx stat)
    {
        if (stat.IsRegular)
            SendContent(id, File.ReadAllBytes(path));
        SendAttributes(id, path, stat);
    }

    private void SendAttributes(ulong id, string path, Statx stat)
    {
        OperationHeader header = OperationHeader.Of(OperationKind.Attributes, 0, id);
        header.Flags = flags;
        header.Mode = stat.Mode;
        header.UserId = stat.UserId;
        header.GroupId = stat.GroupId;
        header.Length = (long)stat.Size;
        header.MtimeNs = stat.MtimeNs;
        bench.Apply(header, data: ReplayBench.Xattrs([.. TreeText.XattrsOf(path)]));
    }

    private void SendContent(ulong id, byte[] content)
    {
        for (int offset = 0; offset < content.Length; offset += PieceBytes)
        {
            byte[] piece = content[offset..Math.Min(content.Length, offset + PieceBytes)];
            OperationHeader digest = OperationHeader.Of(OperationKind.Digest, 0, id);
            digest.Flags = flags;
            digest.Offset = offset;
            digest.Length = piece.Length;
            bench.Apply(digest, data: SHA256.HashData(piece));
            if (bench.Digests[^1].Equal)
                continue;
            OperationHeader write = OperationHeader.Of(OperationKind.Write, 0, id);
            write.Flags = flags;
            write.Offset = offset;
            bench.Apply(write, data: piece);
        }
    }
}
