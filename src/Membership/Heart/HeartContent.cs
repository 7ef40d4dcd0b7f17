using System.Text;
using SafeKit.Core;
using SafeKit.Core.Wire;

namespace SafeKit.Membership;

/// <summary>
/// What a mirror module tells its peer with every heartbeat: its whole state, not events. State, status and generation mean
/// something to the module only.
/// </summary>
public sealed record HeartContent
{
    public const int GenerationBytesMax = 300;
    public const int ResourcesMax = 64;
    public const int TextBytesMax = 64;

    /// <summary>What is left of a datagram for the content.</summary>
    public const int BytesMax = Limits.DatagramBytesMax - SealedFrame.OverheadBytes - HeartFrame.HeaderBytes;

    public byte State { get; init; }

    public byte Status { get; init; }

    public HeartMarks Marks { get; init; }

    /// <summary>The rule that put the module where it is; cut where it is longer than <see cref="TextBytesMax"/>.</summary>
    public string Rule { get; init; } = "";

    /// <summary>Counts what this node's module has announced in this life.</summary>
    public ulong Number { get; init; }

    /// <summary>Life of the peer whose announcement <see cref="EchoNumber"/> means; 0: none.</summary>
    public ulong EchoIncarnation { get; init; }

    /// <summary>The peer's announcement that this node's module had dealt with when it said this.</summary>
    public ulong EchoNumber { get; init; }

    /// <summary>Number of the announcement by which a primary said that it goes on without the other node; 0: it does not.</summary>
    public ulong GoesAloneNumber { get; init; }

    /// <summary>Digest of what must be equal on both nodes.</summary>
    public ulong ConfigurationSignature { get; init; }

    /// <summary>Which history the data belongs to; at most <see cref="GenerationBytesMax"/> bytes.</summary>
    public ReadOnlyMemory<byte> Generation { get; init; }

    public IReadOnlyList<HeartResource> Resources { get; init; } = [];

    /// <summary>There are more resources than a heartbeat has room for.</summary>
    public bool ResourcesDropped { get; init; }

    public bool Has(HeartMarks mark) => (Marks & mark) != 0;

    /// <summary>Resources that do not fit, or have too long a name or value, are dropped, and the content says so.</summary>
    public byte[] Format()
    {
        Invariant.That(Generation.Length <= GenerationBytesMax, "a generation record fits its place in a heartbeat");
        byte[] buffer = new byte[BytesMax];
        var writer = new WireWriter(buffer);
        writer.Byte(State);
        writer.Byte(Status);
        writer.UInt16((ushort)Marks);
        writer.UInt64(Number);
        writer.UInt64(EchoIncarnation);
        writer.UInt64(EchoNumber);
        writer.UInt64(GoesAloneNumber);
        writer.UInt64(ConfigurationSignature);
        WriteText(ref writer, Rule);
        writer.UInt16((ushort)Generation.Length);
        writer.Bytes(Generation.Span);
        int countAt = writer.Position;
        writer.Byte(0);
        writer.Byte(0);
        byte count = 0;
        foreach (HeartResource resource in Resources)
        {
            if (count < ResourcesMax && TryWrite(ref writer, resource))
                count++;
        }

        buffer[countAt] = count;
        buffer[countAt + 1] = ResourcesDropped || count < Resources.Count ? (byte)1 : (byte)0;
        return buffer[..writer.Position];
    }

    /// <summary>Checks lengths and that nothing is left over; the bytes are authentic, but may come from another version.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out HeartContent? content)
    {
        content = null;
        var reader = new WireReader(bytes);
        byte state = reader.Byte();
        byte status = reader.Byte();
        var marks = (HeartMarks)reader.UInt16();
        ulong number = reader.UInt64();
        ulong echoIncarnation = reader.UInt64();
        ulong echoNumber = reader.UInt64();
        ulong goesAloneNumber = reader.UInt64();
        ulong signature = reader.UInt64();
        string rule = ReadText(ref reader);
        int generationBytes = reader.UInt16();
        if (generationBytes > GenerationBytesMax)
            return false;
        byte[] generation = reader.Bytes(generationBytes).ToArray();
        int count = reader.Byte();
        bool dropped = reader.Byte() != 0;
        if (count > ResourcesMax)
            return false;
        var resources = new HeartResource[count];
        for (int i = 0; i < count && !reader.Failed; i++)
            resources[i] = new HeartResource(ReadText(ref reader), ReadText(ref reader));
        if (!reader.Complete)
            return false;
        content = new HeartContent
        {
            State = state,
            Status = status,
            Marks = marks,
            Rule = rule,
            Number = number,
            EchoIncarnation = echoIncarnation,
            EchoNumber = echoNumber,
            GoesAloneNumber = goesAloneNumber,
            ConfigurationSignature = signature,
            Generation = generation,
            Resources = resources,
            ResourcesDropped = dropped,
        };
        return true;
    }

    private static bool TryWrite(ref WireWriter writer, HeartResource resource)
    {
        int nameBytes = Encoding.UTF8.GetByteCount(resource.Name);
        int valueBytes = Encoding.UTF8.GetByteCount(resource.Value);
        if (nameBytes > TextBytesMax || valueBytes > TextBytesMax || writer.Position + nameBytes + valueBytes + 2 > BytesMax)
            return false;
        WriteText(ref writer, resource.Name);
        WriteText(ref writer, resource.Value);
        return true;
    }

    private static void WriteText(ref WireWriter writer, string text)
    {
        Span<byte> bytes = stackalloc byte[TextBytesMax];
        Encoder encoder = Encoding.UTF8.GetEncoder();
        // Whole characters only, as many as there is room for.
        encoder.Convert(text, bytes, flush: true, out _, out int length, out _);
        writer.Byte((byte)length);
        writer.Bytes(bytes[..length]);
    }

    /// <summary>Characters that would break a line of a log or a screen become a point.</summary>
    private static string ReadText(ref WireReader reader)
    {
        string text = Encoding.UTF8.GetString(reader.Bytes(reader.Byte()));
        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '.' : c)) : text;
    }
}
