namespace SafeKit.Mirror;

/// <summary>What the data of a module does on this node.</summary>
public enum DataRole
{
    None = 0,
    Leading = 1,
    Following = 2,
}
