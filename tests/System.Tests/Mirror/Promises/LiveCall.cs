using System.Diagnostics;

namespace SafeKit.SystemTests.Mirror.Promises;

/// <summary>A call that an application is about to make, and its return.</summary>
internal sealed class LiveCall(PromisedCall call, Process process) : IDisposable
{
    public PromisedCall Call => call;

    /// <summary>Makes the call; ends when it has returned.</summary>
    public async Task MakeAsync(CancellationToken cancel)
    {
        await process.StandardInput.WriteLineAsync();
        Assert.StartsWith($"returned {call.Name} ", await PromiseProgram.ReadLineAsync(process, cancel));
    }

    public void Dispose() => process.Dispose();
}
