using System.Runtime.InteropServices;
using System.Text;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>
/// Whether an interface's driver has XDP, as the kernel tells (generic netlink, family <c>netdev</c>, Linux 6.3): to attach a program
/// in order to find out would cut the link for a moment with some drivers.
/// </summary>
internal static unsafe class XdpAbility
{
    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int NETLINK_GENERIC = 16;
    private const ushort NLM_F_REQUEST = 1;
    private const ushort GENL_ID_CTRL = 0x10;
    private const byte CTRL_CMD_GETFAMILY = 3;
    private const ushort CTRL_ATTR_FAMILY_ID = 1;
    private const ushort CTRL_ATTR_FAMILY_NAME = 2;
    private const byte NETDEV_CMD_DEV_GET = 1;
    private const ushort NETDEV_A_DEV_IFINDEX = 1;
    private const ushort NETDEV_A_DEV_XDP_FEATURES = 3;

    /// <summary>XDP_ABORTED, XDP_DROP, XDP_PASS and XDP_TX.</summary>
    private const ulong NETDEV_XDP_ACT_BASIC = 1;

    private const int MessageHeaderBytes = 16;
    private const int HeaderBytes = MessageHeaderBytes + 4;
    private const int AttributeHeaderBytes = 4;
    private const int BufferBytes = 8192;

    /// <returns>null where the kernel does not say.</returns>
    public static bool? Read(int ifindex)
    {
        int socket = LibC.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
        if (socket < 0)
            return null;
        try
        {
            byte[] name = Encoding.ASCII.GetBytes("netdev\0");
            byte[]? family = Ask(socket, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, name, CTRL_ATTR_FAMILY_ID);
            if (family is not { Length: sizeof(ushort) })
                return null;
            ushort number = MemoryMarshal.Read<ushort>(family);
            byte[] asked = BitConverter.GetBytes(ifindex);
            byte[]? features = Ask(socket, number, NETDEV_CMD_DEV_GET, NETDEV_A_DEV_IFINDEX, asked, NETDEV_A_DEV_XDP_FEATURES);
            return features is { Length: sizeof(ulong) } ? (MemoryMarshal.Read<ulong>(features) & NETDEV_XDP_ACT_BASIC) != 0 : null;
        }
        finally
        {
            LibC.close(socket);
        }
    }

    /// <summary>A question with one attribute, and one attribute of the answer; null if it has none or the kernel refuses.</summary>
    private static byte[]? Ask(int socket, ushort family, byte command, ushort asked, byte[] value, ushort wanted)
    {
        byte[] buffer = new byte[BufferBytes];
        int length = HeaderBytes + AttributeHeaderBytes + Aligned(value.Length);
        Write(buffer, 0, (uint)length);
        Write(buffer, 4, family);
        Write(buffer, 6, NLM_F_REQUEST);
        Write(buffer, MessageHeaderBytes, (ushort)(command | 1 << 8));
        Write(buffer, HeaderBytes, (ushort)(AttributeHeaderBytes + value.Length));
        Write(buffer, HeaderBytes + 2, asked);
        value.CopyTo(buffer, HeaderBytes + AttributeHeaderBytes);
        nint bytes;
        fixed (byte* start = buffer)
            bytes = LibC.send(socket, start, (nuint)length, 0) == length ? LibC.recv(socket, start, (nuint)buffer.Length, 0) : -1;
        bool isAnswer = bytes >= HeaderBytes && MemoryMarshal.Read<ushort>(buffer.AsSpan(4)) == family;
        return isAnswer ? Find(buffer.AsSpan(HeaderBytes, (int)bytes - HeaderBytes), wanted) : null;
    }

    private static byte[]? Find(ReadOnlySpan<byte> attributes, ushort wanted)
    {
        while (attributes.Length >= AttributeHeaderBytes)
        {
            int length = Math.Clamp((int)MemoryMarshal.Read<ushort>(attributes), AttributeHeaderBytes, attributes.Length);
            if (MemoryMarshal.Read<ushort>(attributes[2..]) == wanted)
                return attributes[AttributeHeaderBytes..length].ToArray();
            attributes = attributes[Math.Min(Aligned(length), attributes.Length)..];
        }
        return null;
    }

    private static int Aligned(int length) => (length + 3) & ~3;

    private static void Write<T>(Span<byte> at, int offset, T value)
        where T : unmanaged => MemoryMarshal.Write(at[offset..], value);
}
