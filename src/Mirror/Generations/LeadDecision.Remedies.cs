namespace SafeKit.Mirror.Generations;

public static partial class LeadDecision
{
    private const string ChooseGoodData = "safekit prim on the node with the good data, safekit second on the other";

    private const string ChooseBetween =
        "safekit prim on the node whose changes are to stay, safekit second fullsync on the other: its changes are given up";

    private static string GiveUpOwn(string peerName) =>
        $"safekit second fullsync here: the changes that only this node has are given up for those of {peerName}";

    private static string StartPeer(string peerName) =>
        $"start the module on {peerName}; or, if its data is lost or not wanted, safekit stop and safekit prim here";

    private static string WaitForPeer(string peerName, GenerationRecord own) => own.Standing switch
    {
        DataStanding.Inconsistent =>
            $"start the module on {peerName}; or, if its data is lost, safekit stop and safekit primforce here: this node's files may not fit together",
        _ when own.Current == Guid.Empty || own.Standing == DataStanding.Unknown => ChooseGoodData,
        _ => StartPeer(peerName),
    };

    private static string Describe(GenerationRecord own) => own.Standing switch
    {
        DataStanding.Outdated => "the other node has newer data than this one",
        DataStanding.Inconsistent => "a reintegration of this node began and has not ended",
        _ => "this node was never synchronised",
    };
}
