namespace SafeKit.Mirror.Operations;

/// <summary>
/// One entry of a <see cref="OperationKind.Listing"/>, as bytes: file id (8), mode (4: type and permissions), device (4), name length (2),
/// target length (2), name, target of a symbolic link.
/// </summary>
public readonly ref struct ListingEntry
{
    public const int FixedBytes = 20;

    public ulong File { get; init; }

    public uint Mode { get; init; }

    public uint Device { get; init; }

    public ReadOnlySpan<byte> Name { get; init; }

    public ReadOnlySpan<byte> Target { get; init; }

    public int Bytes => FixedBytes + Name.Length + Target.Length;

    public int Write(Span<byte> target)
    {
        var writer = new Core.Wire.WireWriter(target);
        writer.UInt64(File);
        writer.UInt32(Mode);
        writer.UInt32(Device);
        writer.UInt16((ushort)Name.Length);
        writer.UInt16((ushort)Target.Length);
        writer.Bytes(Name);
        writer.Bytes(Target);
        return writer.Position;
    }

    /// <summary>False when the bytes end within the entry.</summary>
    public static bool TryRead(ref Core.Wire.WireReader reader, out ListingEntry entry)
    {
        ulong file = reader.UInt64();
        uint mode = reader.UInt32();
        uint device = reader.UInt32();
        int nameBytes = reader.UInt16();
        int targetBytes = reader.UInt16();
        entry = new ListingEntry
        {
            File = file,
            Mode = mode,
            Device = device,
            Name = reader.Bytes(nameBytes),
            Target = reader.Bytes(targetBytes),
        };
        return !reader.Failed;
    }
}
