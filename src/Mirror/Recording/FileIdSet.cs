namespace SafeKit.Mirror.Recording;

/// <summary>Ids of files of one module, asked by many threads at once while a survey goes through the trees.</summary>
internal sealed class FileIdSet
{
    private const int StripeCount = 16;

    private readonly HashSet<(byte Tree, ulong File)>[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new HashSet<(byte, ulong)>())];

    /// <returns>False where it was in already.</returns>
    public bool Add(byte tree, ulong file)
    {
        HashSet<(byte, ulong)> stripe = StripeOf(file);
        lock (stripe)
            return stripe.Add((tree, file));
    }

    public bool Contains(byte tree, ulong file)
    {
        HashSet<(byte, ulong)> stripe = StripeOf(file);
        lock (stripe)
            return stripe.Contains((tree, file));
    }

    public bool Remove(byte tree, ulong file)
    {
        HashSet<(byte, ulong)> stripe = StripeOf(file);
        lock (stripe)
            return stripe.Remove((tree, file));
    }

    private HashSet<(byte Tree, ulong File)> StripeOf(ulong file) => _stripes[file % StripeCount];
}
