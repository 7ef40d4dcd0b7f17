using System.Buffers.Binary;
using System.Net;
using SafeKit.Core;

namespace SafeKit.Filter;

/// <summary>Client to bucket: the same function as <c>ebpf/hash.h</c>, held together by frozen vectors.</summary>
public static class FilterHash
{
    private const ulong Multiplier = 0xd6e8feb86659fd93;
    private const int AddressBytesMax = 16;

    public static uint Bucket(ulong seed, IPAddress client, ushort port, HashInput input, ushort ipId)
    {
        Span<byte> bytes = stackalloc byte[AddressBytesMax];
        bool fits = client.TryWriteBytes(bytes, out int written);
        Invariant.That(fits, "an IP address has at most 16 bytes");
        return Bucket(seed, bytes[..written], port, input, ipId);
    }

    /// <summary><paramref name="client"/>: 4 or 16 bytes. <paramref name="ipId"/> counts for UDP over IPv4 only: pass 0 otherwise.</summary>
    public static uint Bucket(ulong seed, ReadOnlySpan<byte> client, ushort port, HashInput input, ushort ipId)
    {
        bool isIpv4 = client.Length == 4;
        ulong extra = input switch
        {
            HashInput.AddressAndPort => port,
            HashInput.IpIdentification when isIpv4 => ipId,
            _ => 0,
        };
        if (isIpv4)
            return (uint)Mix(seed ^ BinaryPrimitives.ReadUInt32BigEndian(client) ^ extra << 32) % Limits.BucketsPerGroup;
        ulong hash = Mix(seed ^ BinaryPrimitives.ReadUInt64BigEndian(client));
        hash = Mix(hash ^ BinaryPrimitives.ReadUInt64BigEndian(client[8..]));
        return (uint)Mix(hash ^ extra) % Limits.BucketsPerGroup;
    }

    private static ulong Mix(ulong x)
    {
        x ^= x >> 32;
        x *= Multiplier;
        x ^= x >> 32;
        x *= Multiplier;
        return x ^ x >> 32;
    }
}
