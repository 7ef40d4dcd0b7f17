namespace SafeKit.Daemon;

/// <summary>What an administrator, a script or a rule asks of a module.</summary>
/// <param name="Action">start, stop, restart, stopstart, drain, undrain, open, close, swap, prim, primforce or second.</param>
/// <param name="Identity">Who asks (<c>-i</c>); null for an administrator.</param>
/// <param name="Full">With <c>fullsync</c>.</param>
public sealed record ModuleOrder(string Action, string? Identity, bool Full)
{
    /// <summary>Of a script that controls the traffic (<c>scriptcontrol="on"</c>).</summary>
    public bool IsOfTraffic => Action is "open" or "close";

    public string Words => Full ? $"{Action} fullsync" : Action;
}
