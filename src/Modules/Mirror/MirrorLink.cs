namespace SafeKit.Modules;

/// <summary>The other node's data, as a primary knows it.</summary>
internal enum MirrorLink
{
    /// <summary>Nobody follows, and nobody is waited for.</summary>
    None = 0,

    /// <summary>It is being reintegrated.</summary>
    Attached = 1,

    Paired = 2,
}
