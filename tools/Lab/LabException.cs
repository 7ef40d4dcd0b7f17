namespace SafeKit.Lab;

/// <summary>Something that the lab needs is missing or did not happen; the message says what and, where it can, the remedy.</summary>
public sealed class LabException : Exception
{
    public LabException(string message)
        : base(message)
    {
    }

    public LabException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
