namespace SafeKit.Modules;

/// <summary>Mistakes that the tests plant to prove that the simulator finds them; production always runs <see cref="None"/>.</summary>
[Flags]
internal enum MirrorMistake
{
    None = 0,
    DetachAtOnce = 1 << 0,
    BelieveOldEcho = 1 << 1,
    IgnoreGoingAlone = 1 << 2,
    TakeOverWhileLate = 1 << 3,
    DetachWhileLate = 1 << 4,
    NeverYield = 1 << 5,
    LeadWithoutEcho = 1 << 6,
    TakeOverBesidePrimary = 1 << 7,
    LeaseWithoutEcho = 1 << 8,
    KeepAddressWhenDemoted = 1 << 9,
    LeadWhateverTheData = 1 << 10,
}
