using SafeKit.Modules;

namespace SafeKit.Daemon.Mirror;

/// <summary>The machine's decisions as users know them from their logs (reference section 8.7), each with its rule.</summary>
public static class MirrorLogText
{
    public static string Of(MirrorAction.Log log) => log.Rule switch
    {
        "splitbrain" => $"Split brain recovery: {log.Text} rule={log.Rule}",
        "heart" when log.Text.StartsWith("alone called by heart", StringComparison.Ordinal) => $"Action {log.Text} rule={log.Rule}",
        "defaultprim" when log.Text.StartsWith("swap", StringComparison.Ordinal) => $"Transition SWAP from defaultprim: {log.Text} rule={log.Rule}",
        "swap" => $"Transition SWAP: {log.Text} rule={log.Rule}",
        "failover-off" => $"Failover-off configured: {log.Text} rule={log.Rule}",
        "maxloop" => $"Action stop called by maxloop: {log.Text} rule={log.Rule}",
        _ => $"rule={log.Rule} {log.Text}",
    };
}
