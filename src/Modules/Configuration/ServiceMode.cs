namespace SafeKit.Modules;

/// <summary>Attribute <c>mode</c> of <c>service</c>.</summary>
public enum ServiceMode
{
    Farm = 0,
    Light = 1,
    Mirror = 2,
}
