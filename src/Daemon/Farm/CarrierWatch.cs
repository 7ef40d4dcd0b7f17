using SafeKit.Core;
using SafeKit.Daemon.Native;

namespace SafeKit.Daemon.Farm;

/// <summary>Looks at the cables of the interfaces that carry virtual addresses, and tells when the gate opens or closes.</summary>
public sealed class CarrierWatch : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(20);
    private readonly IReadOnlyList<string> _interfaces;
    private readonly Action<bool, string> _changed;
    private readonly Dictionary<string, uint> _indexes;
    private readonly EthernetTool _ethernet = new();
    private readonly CarrierGate _gate = new();
    private readonly Lock _turn = new();
    private readonly Timer _timer;
    private bool _disposed;

    /// <param name="changed">Called with whether the share may be taken, and why.</param>
    public CarrierWatch(IReadOnlyList<string> interfaces, Action<bool, string> changed)
    {
        _interfaces = interfaces;
        _changed = changed;
        _indexes = interfaces.ToDictionary(name => name, EthernetTool.Index);
        _timer = new Timer(_ => Look(), null, TimeSpan.Zero, _interval);
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_turn)
        {
            _disposed = true;
            _ethernet.Dispose();
        }
    }

    /// <summary>An interface that was made anew under its name has no filter on it: its packets are not ours to take.</summary>
    private bool IsDark(string name) =>
        _ethernet.HasCarrier(name) == false || EthernetTool.Index(name) != _indexes[name];

    private void Look()
    {
        // A look that took longer than the interval is not followed by a crowd of others.
        if (!_turn.TryEnter())
            return;
        try
        {
            if (_disposed)
                return;
            var dark = _interfaces.FirstOrDefault(name => IsDark(name));
            if (_gate.Observe(dark is null, Environment.TickCount64))
                _changed(_gate.Open, dark is null ? "every cable has held" : $"interface {dark} has no carrier, is gone, or is another one");
        }
        catch (SafeKitException)
        {
            // The membership's thread is stuck: the watchdog's business. The next look tries again.
        }
        finally
        {
            _turn.Exit();
        }
    }
}
