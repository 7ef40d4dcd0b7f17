namespace SafeKit.Modules;

/// <summary>Attribute <c>where</c> of <c>virtual_addr</c>.</summary>
public enum AddressPlacement
{
    /// <summary>On all nodes: the farm.</summary>
    Alias = 0,

    /// <summary>On the primary only.</summary>
    OneSideAlias = 1,

    /// <summary>On the primary only, as the first address of the interface.</summary>
    OneSide = 2,
}
