namespace SafeKit.Modules;

/// <summary>When a node takes its share of the traffic at a start.</summary>
public enum TrafficOpening
{
    /// <summary>Before <c>start_both</c>, the order that users know (reference section 6.5).</summary>
    BeforeStart = 0,

    /// <summary>
    /// After <c>start_both</c>, once every checker of the service is up: no client meets a service that is still
    /// starting.
    /// </summary>
    WhenServing = 1,
}
