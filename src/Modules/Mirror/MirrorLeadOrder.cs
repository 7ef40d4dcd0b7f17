namespace SafeKit.Modules;

/// <summary>On what ground a node begins to lead.</summary>
public enum MirrorLeadOrder
{
    /// <summary>Its data is known to be current.</summary>
    Current = 0,

    /// <summary><c>safekit prim</c> or <c>primforce</c>: the administrator says that this data is the good one.</summary>
    Forced = 1,

    /// <summary><c>safekit prim fullsync</c>: as <see cref="Forced"/>, and the other node is copied whole.</summary>
    ForcedFullSync = 2,
}
