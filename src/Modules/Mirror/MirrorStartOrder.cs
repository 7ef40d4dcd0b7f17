namespace SafeKit.Modules;

/// <summary>What an administrator said of the role that a waiting module shall take.</summary>
internal enum MirrorStartOrder
{
    /// <summary>Nothing: what both nodes know decides.</summary>
    None = 0,
    Prim = 1,
    PrimFullSync = 2,
    PrimForce = 3,
    Second = 4,
    SecondFullSync = 5,
}
