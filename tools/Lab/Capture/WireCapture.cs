using System.Diagnostics;
using SafeKit.Core;
using SafeKit.Lab.Native;
using SafeKit.Lab.Topology;

namespace SafeKit.Lab.Capture;

/// <summary>Listens at every port of the switch and shows each frame to a <see cref="WireJudge"/> once.</summary>
public sealed class WireCapture : IDisposable
{
    private const int FrameBytesMax = 1 << 16;

    private readonly LabSwitch _switch;
    private readonly PacketSocket _socket;
    private readonly Thread _thread;
    private readonly PcapFile? _file;
    private readonly long _unixToMonotonicNs;
    private volatile bool _ending;

    /// <param name="pcapPath">Where to keep the frames as well, readable by tcpdump; null keeps nothing.</param>
    public WireCapture(LabSwitch labSwitch, string? pcapPath = null)
    {
        _switch = labSwitch;
        _file = pcapPath is null ? null : new PcapFile(pcapPath);
        _unixToMonotonicNs = MonotonicClock.NowNs - (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        _socket = labSwitch.Network.Invoke(() => new PacketSocket());
        _thread = new Thread(Read) { Name = "wire-capture", IsBackground = true, Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    public WireJudge Judge { get; } = new();

    public WireReport Report() => Judge.Report();

    public void Dispose()
    {
        _ending = true;
        _thread.Join(TimeSpan.FromSeconds(5));
        _socket.Dispose();
        _file?.Dispose();
    }

    private void Read()
    {
        var buffer = new byte[FrameBytesMax];
        var lastCheckNs = Stopwatch.GetTimestamp();
        while (!_ending)
        {
            var length = _socket.Receive(buffer, out var interfaceIndex, out var unixNs);
            if (length > 0 && _switch.MachineOf(interfaceIndex) is { } machine)
            {
                var frame = buffer.AsSpan(0, length);
                _file?.Write(frame, unixNs);
                Judge.See(machine, frame, unixNs + _unixToMonotonicNs);
            }

            if (Stopwatch.GetTimestamp() - lastCheckNs < Stopwatch.Frequency)
                continue;
            lastCheckNs = Stopwatch.GetTimestamp();
            Judge.Lost += _socket.TakeDropped();
        }
    }
}
