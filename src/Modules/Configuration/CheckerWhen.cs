namespace SafeKit.Modules;

/// <summary>Attribute <c>when</c> of a checker: in which part of a module's life it runs.</summary>
public enum CheckerWhen
{
    /// <summary>Between start and stop scripts.</summary>
    Both = 0,

    /// <summary>The same in a farm; on the primary in a mirror.</summary>
    Prim = 1,

    /// <summary>On the secondary of a mirror only.</summary>
    Second = 2,

    /// <summary>From after prestart to before poststop.</summary>
    Pre = 3,
}
