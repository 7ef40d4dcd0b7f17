namespace SafeKit.Mirror.Tests.Support;

/// <summary>Tests that mount run one after the other: this process serves what it uses, and each has the machine to itself.</summary>
[CollectionDefinition(Name)]
public sealed class MountCollection
{
    public const string Name = "mounts";
}
