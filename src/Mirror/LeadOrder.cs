namespace SafeKit.Mirror;

/// <summary>On what ground a node begins to lead.</summary>
public enum LeadOrder
{
    /// <summary>Its data is known to be current.</summary>
    Current,

    /// <summary><c>safekit prim</c> or <c>primforce</c>: the administrator says that this data is the good one.</summary>
    Forced,

    /// <summary><c>safekit prim fullsync</c>: as Forced, and the other node is copied whole.</summary>
    ForcedFullSync,
}
