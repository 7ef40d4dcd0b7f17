using System.Text;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Mirror.Fuse.Ring;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Fuse;

/// <summary>
/// The descriptors of one mount. Counted: whoever may still write a reply holds them open, so that a reply never goes to a descriptor that meanwhile
/// means something else.
/// </summary>
internal sealed unsafe class FuseConnection
{
    public const string FileSystemType = "fuse.safekit";
    private const ushort BackgroundMax = 64;

    private readonly List<int> _descriptors = [];
    private List<RingSource> _rings = [];
    private int _users = 1;

    private FuseConnection(int first) => _descriptors.Add(first);

    /// <summary>The protocol's features that the kernel has and that were asked for.</summary>
    public ulong Features { get; private set; }

    public int First => _descriptors[0];

    /// <summary>Where requests come by io_uring: its queues; else empty.</summary>
    public IReadOnlyList<RingSource> Rings => _rings;

    /// <summary>How requests and replies go, and why, for the log.</summary>
    public string Transport { get; private set; } = "";

    /// <summary>Mounts over an open directory and answers the kernel's first request.</summary>
    /// <param name="directory">O_PATH descriptor; nothing else is mounted over than what it means.</param>
    /// <param name="features">What is asked for, <see cref="FuseAbi.OverIoUring"/> included where that may be used.</param>
    /// <exception cref="SafeKitException">The kernel refuses.</exception>
    public static FuseConnection Mount(int directory, string path, ulong mountFlags, ulong features)
    {
        int device = OpenDevice();
        var connection = new FuseConnection(device);
        try
        {
            string options = $"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions,max_read={FuseRequest.WriteBytesMax}";
            int errno = Mount(directory, mountFlags, options);
            if (errno != 0)
                throw new SafeKitException($"{path} cannot be mounted for replication: {Errno.Describe("mount", errno)}; this needs root and a kernel with FUSE");
            connection.Negotiate(path, features);
            return connection;
        }
        catch
        {
            connection.Release();
            throw;
        }
    }

    /// <summary>One more descriptor of the same connection (FUSE_DEV_IOC_CLONE), for a worker of its own.</summary>
    public int Clone()
    {
        int clone = OpenDevice();
        uint first = (uint)First;
        if (LibC.ioctl(clone, FuseAbi.IoctlClone, &first) != 0)
        {
            int errno = Errno.Last;
            _ = LibC.close(clone);
            throw new SafeKitException($"/dev/fuse cannot be shared by workers: {Errno.Describe("ioctl FUSE_DEV_IOC_CLONE", errno)}");
        }
        _descriptors.Add(clone);
        return clone;
    }

    public void Hold() => Interlocked.Increment(ref _users);

    /// <summary>The last one closes; with that the kernel ends the connection, if it has not before.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) != 0)
            return;
        foreach (RingSource ring in _rings)
            ring.Dispose();
        foreach (int descriptor in _descriptors)
            _ = LibC.close(descriptor);
    }

    private static int OpenDevice()
    {
        fixed (byte* path = "/dev/fuse\0"u8)
        {
            int device = LibC.open(path, LibC.O_RDWR | LibC.O_CLOEXEC, 0);
            if (device >= 0)
                return device;
        }
        throw new SafeKitException($"{Errno.Describe("/dev/fuse", Errno.Last)}; replication needs the kernel's FUSE (CONFIG_FUSE_FS)");
    }

    private static int Mount(int directory, ulong mountFlags, string options)
    {
        byte* target = stackalloc byte[NativeText.DescriptorPathRoom];
        NativeText.DescriptorPath(directory, new Span<byte>(target, NativeText.DescriptorPathRoom));
        fixed (byte* source = "safekit\0"u8, type = Encoding.ASCII.GetBytes(FileSystemType + "\0"), data = Encoding.ASCII.GetBytes(options + "\0"))
            return LibC.mount(source, target, type, mountFlags, data) == 0 ? 0 : Errno.Last;
    }

    private void Negotiate(string path, ulong wanted)
    {
        using var pool = new RequestPool(1);
        using var request = new FuseRequest(_ => { });
        var device = new DeviceSource(First, pool);
        int errno;
        while ((errno = request.Receive(First, device)) is Errno.EINTR or Errno.EAGAIN)
        {
        }
        if (errno != 0 || request.Opcode != FuseOpcode.Init)
            throw new SafeKitException($"{path}: the kernel did not begin the FUSE protocol: {Errno.Describe("/dev/fuse", errno)}");
        FuseAbi.InitIn init = request.In<FuseAbi.InitIn>();
        if (init.Major != FuseAbi.Major || init.Minor < FuseAbi.MinorMin)
        {
            throw new SafeKitException(
                $"{path}: the kernel speaks FUSE {init.Major}.{init.Minor}, {FuseAbi.Major}.{FuseAbi.MinorMin} is needed (Linux 5.13 or newer)");
        }
        Features = wanted & (init.Flags | ((ulong)init.Flags2 << 32));
        using RingSet? rings = RingsWhereOffered();
        *request.Out<FuseAbi.InitOut>() = new FuseAbi.InitOut
        {
            Major = FuseAbi.Major,
            Minor = Math.Min(FuseAbi.Minor, init.Minor),
            ReadAheadMax = init.ReadAheadMax,
            Flags = (uint)Features,
            Flags2 = (uint)(Features >> 32),
            BackgroundMax = BackgroundMax,
            CongestionThreshold = BackgroundMax * 3 / 4,
            WriteBytesMax = FuseRequest.WriteBytesMax,
            TimeGranularityNs = 1,
            PagesMax = FuseRequest.WriteBytesMax / FuseRequest.PageBytes,
        };
        request.Reply(sizeof(FuseAbi.InitOut));
        request.Send();
        if (rings is not null)
            _rings = rings.Begin(First);
    }

    /// <summary>The kernel waits for all of the rings once it was told of them: they are there before.</summary>
    private RingSet? RingsWhereOffered()
    {
        if ((Features & FuseAbi.OverIoUring) == 0)
        {
            Transport = "requests go over /dev/fuse: the kernel does not offer io_uring for FUSE (Linux 6.14 with fuse.enable_uring=1 does)";
            return null;
        }
        RingSet? rings = RingSet.TryCreate(out string reason);
        if (rings is null)
            Features &= ~FuseAbi.OverIoUring;
        Transport = $"requests go over {(rings is null ? "/dev/fuse" : "io_uring")}: {reason}";
        return rings;
    }
}
