namespace SafeKit.Mirror.Fuse;

/// <summary>Where the reply to a request goes: the descriptor, or the ring entry, that it came by. May be called on any thread.</summary>
internal interface IReplyTarget
{
    /// <summary>Sends header and body; afterwards the request's memory is the kernel's.</summary>
    void Send(ReadOnlySpan<byte> reply);
}
