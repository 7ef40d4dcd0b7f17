namespace SafeKit.Membership;

/// <summary>Mistakes that the tests plant to prove that the simulator finds them; production always runs <see cref="None"/>.</summary>
[Flags]
internal enum ProtocolMistake
{
    None = 0,
    SkipFenceWait = 1 << 0,
    AcceptAcksOfOtherViews = 1 << 1,
    AcquireBeforeAllReleased = 1 << 2,
    LeaseFromReceiveTime = 1 << 3,
    SkipStartQuarantine = 1 << 4,
    RenewWithoutAcknowledgement = 1 << 5,
    NeverYield = 1 << 6,
    AcceptLowerViews = 1 << 7,
    RebalanceFromScratch = 1 << 8,
    ReportBeforeInstalling = 1 << 9,
    LeaseGrantedByActivation = 1 << 10,
    ForgetFormerHolders = 1 << 12,
    ForgetPromises = 1 << 13,
    ResumeAfterLease = 1 << 14,
    ResumeWithoutQuarantine = 1 << 15,
    ReuseSequence = 1 << 16,
    RememberOneFormerHolder = 1 << 17,
    ReleaseUncounted = 1 << 18,
    SkipSettling = 1 << 19,
    AcceptReleasesOfOtherViews = 1 << 20,
    NeverRelease = 1 << 21,
    MoveBusyBuckets = 1 << 22,
    IgnoreUnlistedHolders = 1 << 23,
    ResumeWithoutHolders = 1 << 24,
    OrphanUnanswered = 1 << 25,
    OrphanDuringHandshake = 1 << 26,
    NeverOrphan = 1 << 27,
    ApplyDifferenceUnchecked = 1 << 28,
}
