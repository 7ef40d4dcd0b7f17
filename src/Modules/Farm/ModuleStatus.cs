namespace SafeKit.Modules;

/// <summary>How settled a state is: red, orange, green for those who remember the colours.</summary>
public enum ModuleStatus
{
    NotReady = 0,
    Transient = 1,
    Ready = 2,
}
