using System.Net;

namespace SafeKit.Filter;

/// <summary>A client that asked where a directed address is.</summary>
/// <param name="Client">Its address.</param>
/// <param name="Mac">Its MAC, or its router's.</param>
/// <param name="Bucket">Its bucket in the group that decides about entries.</param>
public sealed record AddressAsker(IPAddress Client, MacAddress Mac, int Bucket);
