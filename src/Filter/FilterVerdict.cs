namespace SafeKit.Filter;

/// <summary>What becomes of a packet.</summary>
public enum FilterVerdict : byte
{
    /// <summary>Not for a virtual address: untouched.</summary>
    Pass,
    /// <summary>This node takes it.</summary>
    Take,
    /// <summary>A question for a virtual address's MAC, or a SYN of a flood: answered by the filter itself.</summary>
    Answer,
    Drop,
    /// <summary>Another node's: sent on to it with new MAC addresses.</summary>
    Forward,
}
