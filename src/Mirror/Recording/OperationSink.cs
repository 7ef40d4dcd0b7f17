namespace SafeKit.Mirror.Recording;

/// <summary>Where a change goes.</summary>
internal enum OperationSink
{
    /// <summary>Nowhere: the other node will be surveyed.</summary>
    None,

    Journal,

    /// <summary>Into the window, and from there to the other node.</summary>
    Window,
}
