namespace SafeKit.Mirror.FileSystem;

/// <summary>Holds the namespace lock of a tree while names change.</summary>
internal readonly ref struct NamespaceChange
{
    private readonly Lock _namespace;
    private readonly InodeNames _names;

    public NamespaceChange(Lock names, InodeNames inodeNames)
    {
        _namespace = names;
        _names = inodeNames;
        _namespace.Enter();
        _names.BeginChange();
    }

    public void Dispose()
    {
        _names.EndChange();
        _namespace.Exit();
    }
}
