using System.Runtime.InteropServices;
using SafeKit.Lab.Native;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Crowd;

/// <summary>
/// A server for very many connections on a node: several threads, each with its own listener of the same port. A process may have only so many
/// descriptors, and not every root may raise that; but a thread may have a table of descriptors of its own, and the bound holds for each
/// table. A byte is answered by the node's number.
/// </summary>
public sealed unsafe class CrowdServer : IDisposable
{
    private const int Backlog = 65_535;
    private const int EventsAtOnce = 256;
    private const int WaitMs = 200;
    private const int ReadBytes = 64;

    private readonly byte _number;
    private readonly List<Thread> _threads = [];
    private volatile bool _ending;
    private volatile string? _failure;
    private long _open;
    private long _accepted;

    /// <param name="node">Where; its own web server must not run.</param>
    /// <param name="threads">How many listeners; see <see cref="ThreadsFor"/>.</param>
    public CrowdServer(LabNode node, int threads)
    {
        _number = (byte)node.Number;
        for (var i = 0; i < threads; i++)
            _threads.Add(node.Machine.Network.StartThread($"crowd-{node.Name}-{i}", Serve));
    }

    /// <summary>Connections that are open.</summary>
    public long Open => Volatile.Read(ref _open);

    /// <summary>Connections that were ever accepted.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    /// <summary>Why a thread has given up; null while all serve.</summary>
    public string? Failure => _failure;

    /// <summary>Threads for so many connections when each may have so many descriptors; they do not share exactly alike.</summary>
    public static int ThreadsFor(int connections, int descriptorsMax)
    {
        const int spare = 500;
        const double evenness = 0.85;
        return Math.Max(1, (int)Math.Ceiling(connections / ((descriptorsMax - spare) * evenness)));
    }

    /// <summary>Resets every connection: a million that close in the usual way would keep the kernel busy for minutes.</summary>
    public void Dispose()
    {
        _ending = true;
        foreach (var thread in _threads)
            thread.Join();
    }

    private void Serve()
    {
        // A copy of the table: the runtime's own descriptors stay in it (it maps code by one). The kernel closes all of it with the thread.
        if (Libc.unshare(Libc.CLONE_FILES) != 0)
        {
            Fail("have its own descriptors");
            return;
        }

        var listener = Listen();
        var epoll = Libc.epoll_create1(Libc.SOCK_CLOEXEC);
        if (listener < 0 || epoll < 0 || !Watch(epoll, listener))
        {
            Fail("listen");
            return;
        }

        var events = stackalloc EpollEvent[EventsAtOnce];
        while (!_ending)
        {
            var count = Libc.epoll_wait(epoll, events, EventsAtOnce, WaitMs);
            for (var i = 0; i < count; i++)
            {
                if (events[i].Data == listener)
                    Accept(epoll, listener);
                else
                    Answer((int)events[i].Data);
            }
        }
    }

    private static int Listen()
    {
        var fd = Libc.socket(Libc.AF_INET, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, 0);
        var one = 1;
        _ = Libc.setsockopt(fd, Libc.SOL_SOCKET, Libc.SO_REUSEPORT, &one, sizeof(int));

        // Accepted connections inherit it: they end by a reset when they are closed.
        var linger = stackalloc int[] { 1, 0 };
        _ = Libc.setsockopt(fd, Libc.SOL_SOCKET, Libc.SO_LINGER, linger, 2 * sizeof(int));
        var address = stackalloc byte[16]; // struct sockaddr_in of any address
        new Span<byte>(address, 16).Clear();
        *(ushort*)address = Libc.AF_INET;
        address[3] = LabAddresses.WebPort;
        return Libc.bind(fd, address, 16) == 0 && Libc.listen(fd, Backlog) == 0 ? fd : -1;
    }

    private static bool Watch(int epoll, int fd)
    {
        var change = new EpollEvent { Events = EpollEvent.Readable, Data = fd };
        return Libc.epoll_ctl(epoll, Libc.EPOLL_CTL_ADD, fd, &change) == 0;
    }

    private void Accept(int epoll, int listener)
    {
        while (true)
        {
            var fd = Libc.accept4(listener, null, null, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            if (fd < 0)
            {
                if (Marshal.GetLastPInvokeError() != Libc.EAGAIN)
                    Fail("accept");
                return;
            }

            Interlocked.Increment(ref _open);
            Interlocked.Increment(ref _accepted);
            if (!Watch(epoll, fd))
                Fail("watch a connection");
        }
    }

    private void Answer(int fd)
    {
        var buffer = stackalloc byte[ReadBytes];
        var length = Libc.read(fd, buffer, ReadBytes);
        if (length > 0)
        {
            buffer[0] = _number;
            _ = Libc.write(fd, buffer, 1);
            return;
        }

        if (length < 0 && Marshal.GetLastPInvokeError() == Libc.EAGAIN)
            return;
        _ = Libc.close(fd);
        Interlocked.Decrement(ref _open);
    }

    private void Fail(string what) => _failure ??= $"node{_number} cannot {what}: errno {Marshal.GetLastPInvokeError()}";
}
