namespace SafeKit.Modules;

/// <summary>What the data of the module was told to do on this node.</summary>
internal enum MirrorDataMode
{
    None = 0,
    Leading = 1,
    Following = 2,
}
