namespace SafeKit.Core.Control;

/// <summary>Question of <c>safekit trace</c>: what happens to a packet from this client to this virtual address.</summary>
/// <param name="Protocol">tcp or udp.</param>
/// <param name="Local">Ask only this node's filter, not the others'.</param>
public sealed record TraceRequest(
    string Client,
    int ClientPort,
    string VirtualAddress,
    int Port,
    string Protocol,
    bool Local);
