using System.Runtime.InteropServices;
using SafeKit.Mirror.Operations;

namespace SafeKit.Mirror.Recording;

/// <summary>A piece of native memory that holds whole operations, one behind the other.</summary>
internal sealed unsafe class WindowSegment : IDisposable
{
    public const int SizeBytes = 2 << 20;

    private byte* _memory = (byte*)NativeMemory.Alloc(SizeBytes);

    public WindowSegment? Next { get; set; }

    /// <summary>Bytes that hold operations.</summary>
    public int UsedBytes { get; set; }

    /// <summary>Bytes handed to the sender.</summary>
    public int HandedBytes { get; set; }

    /// <summary>Bytes of operations that the other node has applied.</summary>
    public int AppliedBytes { get; set; }

    public ulong LastSequence { get; set; }

    /// <summary>By what the files are found again whose content is written in this segment, should only the ranges be kept.</summary>
    public Dictionary<(byte Tree, ulong File), FileHandle> Handles { get; } = [];

    public Span<byte> Free => new(_memory + UsedBytes, SizeBytes - UsedBytes);

    public ReadOnlySpan<byte> Bytes(int start, int end) => new(_memory + start, end - start);

    /// <summary>Makes it empty, for its next use.</summary>
    public void Clear()
    {
        Next = null;
        UsedBytes = 0;
        HandedBytes = 0;
        AppliedBytes = 0;
        LastSequence = 0;
        Handles.Clear();
    }

    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
    }
}
