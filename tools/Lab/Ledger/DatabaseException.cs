namespace SafeKit.Lab.Ledger;

/// <summary>The server refused, or did not answer in time. Whether the statement took effect may be unknown.</summary>
public sealed class DatabaseException(string message) : Exception(message);
