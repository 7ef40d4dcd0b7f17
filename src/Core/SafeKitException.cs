namespace SafeKit.Core;

/// <summary>
/// Something outside the program is wrong. The message names the place and the remedy, in words for an administrator;
/// it is shown as it is, without a stack trace.
/// </summary>
public sealed class SafeKitException : Exception
{
    public SafeKitException(string message)
        : base(message)
    {
    }

    public SafeKitException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
