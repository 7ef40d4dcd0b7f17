namespace SafeKit.Mirror.Operations;

/// <summary>Which attributes <see cref="OperationKind.SetAttributes"/> sets.</summary>
[Flags]
public enum AttributeMask : uint
{
    None = 0,
    Mode = 1,
    UserId = 2,
    GroupId = 4,
    Size = 8,
    Mtime = 16,
}
