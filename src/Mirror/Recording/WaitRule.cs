namespace SafeKit.Mirror.Recording;

/// <summary>What somebody waits for who wants the other node's acknowledgement.</summary>
internal enum WaitRule
{
    /// <summary>For nothing: this node goes on alone, and its record says so.</summary>
    Nothing,

    /// <summary>
    /// The nodes were paired and the other one is lost, or is being brought up to date again, and nobody has decided to go on alone: for that decision, or until the other
    /// node is up to date.
    /// </summary>
    Decision,

    /// <summary>For the acknowledgement.</summary>
    Acknowledgement,
}
