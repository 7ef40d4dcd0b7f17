using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Stream;

/// <summary>The fixed part of an answer; <see cref="TextBytes"/> of UTF-8 follow it. TLS protects it; lengths are bounded by the reader.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct AnswerHeader
{
    public const int TextBytesMax = 4096;

    public static readonly int Size = Marshal.SizeOf<AnswerHeader>();

    public AnswerKind Kind;
    public byte Tree;
    public byte Reserved;
    public uint TextBytes;
    public ulong File;
    public long First;
    public long Second;
    public long Third;
}
