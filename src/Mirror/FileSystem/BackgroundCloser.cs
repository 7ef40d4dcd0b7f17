using System.Collections.Concurrent;
using SafeKit.Mirror.Native;

namespace SafeKit.Mirror.FileSystem;

/// <summary>Closes descriptors whose closing may take long: the last one of a big deleted file frees its blocks.</summary>
internal sealed class BackgroundCloser : IDisposable
{
    private readonly BlockingCollection<int> _descriptors = [];
    private readonly Thread _thread;

    public BackgroundCloser(string name)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    public void Close(int descriptor)
    {
        if (_descriptors.IsAddingCompleted)
            _ = LibC.close(descriptor);
        else
            _descriptors.Add(descriptor);
    }

    public void Dispose()
    {
        _descriptors.CompleteAdding();
        _thread.Join(TimeSpan.FromSeconds(5));
    }

    private void Run()
    {
        foreach (int descriptor in _descriptors.GetConsumingEnumerable())
            _ = LibC.close(descriptor);
    }
}
