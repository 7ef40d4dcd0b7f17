using System.Runtime.InteropServices;
using SafeKit.Core;
using SafeKit.Core.Native;
using SafeKit.Filter.Native;

namespace SafeKit.Filter;

/// <summary>
/// The elements of a BPF_F_MMAPABLE array, mapped into this process: reads and writes are plain memory accesses that the
/// filter sees at once. Owns the mapping, not the descriptor.
/// </summary>
internal sealed unsafe class SharedArray<T> : IDisposable
    where T : unmanaged
{
    private readonly nuint _bytes;
    private T* _start;

    public SharedArray(int mapFd, int count)
    {
        Invariant.That(sizeof(T) % 8 == 0, "the kernel rounds elements up to 8 bytes");
        Count = count;
        _bytes = (nuint)((sizeof(T) * count + Environment.SystemPageSize - 1) & ~(Environment.SystemPageSize - 1));
        nint address = LibC.mmap(0, _bytes, LibC.PROT_READ_WRITE, LibC.MAP_SHARED, mapFd, 0);
        if (address == -1)
            throw new SafeKitException(Errno.Describe("map the filter's tables", Marshal.GetLastPInvokeError()));
        _start = (T*)address;
    }

    public int Count { get; }

    public ref T this[int index]
    {
        get
        {
            Invariant.That(_start is not null && (uint)index < (uint)Count, "an element of a mapped table");
            return ref _start[index];
        }
    }

    public void Dispose()
    {
        if (_start is null)
            return;
        LibC.munmap((nint)_start, _bytes);
        _start = null;
    }
}
