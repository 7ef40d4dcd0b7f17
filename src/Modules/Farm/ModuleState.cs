namespace SafeKit.Modules;

/// <summary>State of a farm or light module (reference section 2.1).</summary>
public enum ModuleState
{
    Stop = 0,
    Wait = 1,
    Up = 2,
}
