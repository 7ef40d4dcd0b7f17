namespace SafeKit.Filter;

/// <summary>Where the filter sits on an interface.</summary>
public enum FilterMode
{
    /// <summary>XDP in the driver.</summary>
    Native,
    /// <summary>XDP in the network stack: for drivers without it.</summary>
    Generic,
    /// <summary>tc ingress: where XDP is refused altogether.</summary>
    Tc,
}
