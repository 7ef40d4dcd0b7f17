using System.Runtime.InteropServices;

namespace SafeKit.Mirror.Recording;

/// <summary>
/// The change gate: every change is made inside, many at once; a change of epoch or of mode is made while nobody is inside. Entering costs one
/// interlocked
/// addition on a counter of the thread's own stripe, so that workers do not share a cache line.
/// </summary>
internal sealed class ChangeGate : IDisposable
{
    private const int StripeCount = 32;

    private readonly Stripe[] _stripes = new Stripe[StripeCount];
    private readonly AutoResetEvent _left = new(false);
    private int _closed;

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>False while the gate is closed. What was entered is left by the same thread.</summary>
    public bool TryEnter()
    {
        ref int inside = ref Mine;

        // The addition is a full fence: either this thread sees the closed gate, or who closes it sees this thread inside.
        Interlocked.Increment(ref inside);
        if (!IsClosed)
            return true;
        Leave(ref inside);
        return false;
    }

    public void Exit() => Leave(ref Mine);

    /// <summary>Closes the gate and waits until nobody is inside. One thread at a time, and not from inside.</summary>
    public void Close()
    {
        Interlocked.Exchange(ref _closed, 1);
        for (int i = 0; i < StripeCount; i++)
        {
            while (Volatile.Read(ref _stripes[i].Inside) != 0)
                _left.WaitOne(1);
        }
    }

    /// <summary>As <see cref="Close"/>, but not for long. False where somebody is inside still: it is to be opened all the same.</summary>
    public bool TryClose(int waitMs)
    {
        Interlocked.Exchange(ref _closed, 1);
        long untilMs = Environment.TickCount64 + waitMs;
        for (int i = 0; i < StripeCount; i++)
        {
            while (Volatile.Read(ref _stripes[i].Inside) != 0)
            {
                if (Environment.TickCount64 >= untilMs)
                    return false;
                _left.WaitOne(1);
            }
        }

        return true;
    }

    public void Open() => Interlocked.Exchange(ref _closed, 0);

    public void Dispose() => _left.Dispose();

    private ref int Mine => ref _stripes[Environment.CurrentManagedThreadId % StripeCount].Inside;

    private void Leave(ref int inside)
    {
        Interlocked.Decrement(ref inside);
        if (IsClosed)
            _left.Set();
    }

    /// <summary>A counter alone in two cache lines: the processor fetches them in pairs.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Stripe
    {
        [FieldOffset(0)]
        public int Inside;
    }
}
