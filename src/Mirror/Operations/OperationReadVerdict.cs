namespace SafeKit.Mirror.Operations;

/// <summary>What <see cref="Operation.TryRead"/> found.</summary>
public enum OperationReadVerdict
{
    Complete,

    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>Lengths or checksum are wrong: nothing behind this point can be trusted.</summary>
    Malformed,
}
