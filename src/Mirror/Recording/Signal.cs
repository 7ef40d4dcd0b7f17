using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// Wakes one waiting thread; a signal given while nobody waits is kept. The kernel is asked only where somebody sleeps, and whoever wakes finds no
/// lock to wait for.
/// </summary>
internal sealed unsafe class Signal
{
    private const int Sleeping = -1;
    private const int Nothing = 0;
    private const int Given = 1;

    /// <summary>Does not move, so that its address can be told to the kernel.</summary>
    private readonly int[] _word = GC.AllocateArray<int>(1, pinned: true);

    public void Set()
    {
        if (Interlocked.Exchange(ref _word[0], Given) != Sleeping)
            return;
        fixed (int* word = _word)
            LibC.FutexWake(word, 1);
    }

    /// <summary>Waits for a signal, at most so long, and takes it. One thread at a time.</summary>
    /// <returns>Whether it was given.</returns>
    public bool Wait(int limitMs)
    {
        if (limitMs > 0 && Interlocked.CompareExchange(ref _word[0], Sleeping, Nothing) == Nothing)
        {
            fixed (int* word = _word)
                LibC.FutexWait(word, Sleeping, limitMs);
        }

        return Interlocked.Exchange(ref _word[0], Nothing) == Given;
    }
}
