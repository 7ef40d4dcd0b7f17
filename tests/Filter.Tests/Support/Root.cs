namespace SafeKit.Filter.Tests.Support;

/// <summary>Whether this process may load BPF programs; the reason why not, if it may not.</summary>
internal static class Root
{
    private static readonly Lazy<string?> _reason = new(Find);

    public static string? ReasonToSkip => _reason.Value;

    private static string? Find()
    {
        if (Environment.UserName != "root")
            return "needs root: loads BPF programs and makes network namespaces";
        try
        {
            using LoadedFilter filter = LoadedFilter.Load();
            return null;
        }
        catch (Exception exception)
        {
            return $"the packet filter cannot be loaded here: {exception.Message}";
        }
    }
}
