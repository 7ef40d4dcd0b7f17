using SafeKit.Core.Native;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.Fuse;

/// <summary>Requests by read(2) from a descriptor of the device, replies by write(2) to it: what every kernel has.</summary>
internal sealed unsafe class DeviceSource(int descriptor, RequestPool pool) : IRequestSource, IReplyTarget
{
    public void Send(ReadOnlySpan<byte> reply)
    {
        fixed (byte* bytes = reply)
            _ = LibC.write(descriptor, bytes, (nuint)reply.Length);
    }

    public void Serve(FuseWorker worker, CancellationToken stop)
    {
        FuseRequest? request = null;
        while (!stop.IsCancellationRequested)
        {
            request ??= pool.Take(stop);
            if (request is null)
                return;
            int errno = request.Receive(descriptor, this);
            if (errno is Errno.EINTR or Errno.ENOENT or Errno.EAGAIN)
                continue;
            if (errno != 0)
            {
                if (!stop.IsCancellationRequested)
                    worker.Handler.ConnectionEnded(errno);
                break;
            }
            if (!worker.Serve(request))
                request = null;
        }
        if (request is not null)
            pool.Return(request);
    }
}
