using System.Runtime.InteropServices;

namespace SafeKit.Lab.Native;

/// <summary><c>struct pollfd</c> of poll(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public const short Readable = 1;
    public const short Writable = 4;

    public int Descriptor;
    public short Events;
    public short Returned;
}
