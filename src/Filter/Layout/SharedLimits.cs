using SafeKit.Core;

namespace SafeKit.Filter.Layout;

/// <summary>The limits of <c>ebpf/filter_limits.h</c> that <see cref="Limits"/> does not have.</summary>
internal static class SharedLimits
{
    /// <summary>
    /// Of what the maps mean. A filter whose maps have another one is not taken over but closed and replaced. Fields that are appended to
    /// an element do not change it: content is copied.
    /// </summary>
    public const uint Layout = 2;

    public const int SlotsMax = 32;
    public const int AddressIndexBits = 10;
    public const int AddressIndexSize = 1 << AddressIndexBits;
    public const byte NoAddress = 0xff;
    public const byte NoGroup = 0xff;
    public const int VlanTagsMax = 2;
    public const int Ipv6HeadersMax = 6;
    public const int Ipv6HeadersInnerMax = 2;
    public const int AskersMax = 16384;
    public const byte NoNode = 0xff;
    public const int ReasonsMax = 32;
    public const int VersionsPerGroup = 4;
    public const ulong AddressKeyMultiplier = 0x9e3779b97f4a7c15;
    public const int HeldMax = 4096;
}
