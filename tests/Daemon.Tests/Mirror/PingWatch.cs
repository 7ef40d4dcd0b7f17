using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SafeKit.Daemon.Tests.Mirror;

/// <summary>Asks the virtual address fifty times a second from the client, and knows how often it was answered, and answered twice.</summary>
internal sealed partial class PingWatch : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly Process _ping;
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private double _lastAnswer;
    private int _answers;

    public PingWatch(string networkNamespace, string address)
    {
        _ping = Process.Start(new ProcessStartInfo("ip", $"netns exec {networkNamespace} ping -D -n -i 0.02 {address}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ping.OutputDataReceived += (_, line) => Read(line.Data ?? "");
        _ping.BeginOutputReadLine();
        _ping.BeginErrorReadLine();
    }

    public int Answers
    {
        get
        {
            lock (_gate)
                return _answers;
        }
    }

    /// <summary>Answers to one and the same question beyond the first.</summary>
    public int Doubles { get; private set; }

    /// <summary>The longest time without an answer so far.</summary>
    public TimeSpan LongestGap { get; private set; }

    /// <summary>Waits for the next so many answers.</summary>
    public async Task UntilAnsweredAsync(int more = 5)
    {
        for (var i = 0; i < more; i++)
        {
            Task next;
            lock (_gate)
                next = _next.Task;
            await next.WaitAsync(_patience);
        }
    }

    public void Dispose()
    {
        if (!_ping.HasExited)
            _ping.Kill();
        _ping.WaitForExit(_patience);
        _ping.Dispose();
    }

    private void Read(string line)
    {
        var match = Answer().Match(line);
        if (!match.Success)
            return;
        lock (_gate)
        {
            if (line.Contains("DUP!", StringComparison.Ordinal))
            {
                Doubles++;
                return;
            }

            var at = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
            if (_lastAnswer > 0 && at - _lastAnswer > LongestGap.TotalSeconds)
                LongestGap = TimeSpan.FromSeconds(at - _lastAnswer);
            _lastAnswer = at;
            _answers++;
            _next.SetResult();
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    [GeneratedRegex(@"^\[([0-9.]+)\] \d+ bytes from ")]
    private static partial Regex Answer();
}
