using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using SafeKit.Lab.Native;

namespace SafeKit.Lab.Isolation;

/// <summary>
/// A network namespace that threads of this process can work in. setns(2) changes one thread only, so everything here
/// runs on dedicated threads: on a pooled one the namespace would leak into whatever runs there next. Sockets keep the
/// namespace of the thread that made them, so they may be used from anywhere afterwards. Owns a descriptor.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    private readonly int _descriptor;
    private bool _disposed;

    private NetworkNamespace(int descriptor) => _descriptor = descriptor;

    public static NetworkNamespace OfProcess(int pid)
    {
        var descriptor = Libc.open($"/proc/{pid}/ns/net", Libc.O_RDONLY | Libc.O_CLOEXEC);
        return descriptor >= 0
            ? new NetworkNamespace(descriptor)
            : throw new LabException($"process {pid} has no network namespace to open: errno {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>Starts a thread that lives in the namespace.</summary>
    public Thread StartThread(string name, Action body)
    {
        var entered = new TaskCompletionSource();
        var thread = new Thread(() =>
        {
            if (Libc.setns(_descriptor, Libc.CLONE_NEWNET) != 0)
            {
                entered.SetException(new LabException($"setns failed: errno {Marshal.GetLastPInvokeError()}"));
                return;
            }

            entered.SetResult();
            body();
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        entered.Task.GetAwaiter().GetResult();
        return thread;
    }

    /// <summary>Runs one short function in the namespace and returns its result.</summary>
    public T Invoke<T>(Func<T> function)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        StartThread("lab-invoke", () =>
        {
            try
            {
                result = function();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }).Join();
        failure?.Throw();
        return result!;
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _ = Libc.close(_descriptor);
    }
}
