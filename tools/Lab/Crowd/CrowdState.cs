namespace SafeKit.Lab.Crowd;

/// <summary>What the client of a connection knows of it.</summary>
public enum CrowdState : byte
{
    None,
    Opening,
    Open,

    /// <summary>The server has closed it.</summary>
    Ended,

    /// <summary>The server has reset it.</summary>
    Reset,
}
