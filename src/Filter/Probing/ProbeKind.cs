namespace SafeKit.Filter.Probing;

/// <summary>What a probe frame is addressed to, and so what its arrival proves. The numbers are those on the wire.</summary>
public enum ProbeKind : byte
{
    /// <summary>Everybody: the two machines are in one network (layer 2). It also lets the switch learn where the sender is.</summary>
    Broadcast = 1,

    /// <summary>The receiver's own MAC, as vmac_directed sends.</summary>
    Own = 2,

    /// <summary>A unicast MAC that nobody ever sent with, and that the receivers have in their filters: the switch floods it.</summary>
    Unknown = 3,

    /// <summary>The virtual MAC, which is received as the running farm receives it.</summary>
    Virtual = 4,

    /// <summary>As <see cref="Unknown"/>, but in no receiver's filter: only promiscuous interfaces receive it.</summary>
    Promiscuous = 5,
}
