namespace SafeKit.Lab.Isolation;

/// <summary>Finds the child of a launcher (unshare, nsenter), which is the process that the lab really started.</summary>
internal static class ChildProcesses
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(30);

    /// <summary>Waits until <paramref name="parent"/> has its one child and returns it.</summary>
    public static async Task<int> FirstOfAsync(int parent, Func<bool> parentHasEnded)
    {
        var deadline = DateTime.UtcNow + _startLimit;
        while (DateTime.UtcNow < deadline && !parentHasEnded())
        {
            if (TryReadChild(parent) is { } child)
                return child;
            await Task.Delay(2);
        }

        throw new LabException($"process {parent} started no child within {_startLimit.TotalSeconds} s or ended early");
    }

    private static int? TryReadChild(int parent)
    {
        try
        {
            var children = File.ReadAllText($"/proc/{parent}/task/{parent}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return children.Length > 0 ? int.Parse(children[0]) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
