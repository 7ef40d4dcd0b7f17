namespace SafeKit.Simulation.Mirrors;

/// <summary>Mistakes planted into the model of the data, where it must do as <c>src/Mirror</c> does for the machine's decisions to be safe.</summary>
[Flags]
internal enum DataMistake
{
    None = 0,

    /// <summary>Whoever wants an acknowledgement waits for the other node only once that one has confirmed to be up to date.</summary>
    WaitFromConfirmation = 1 << 0,

    /// <summary>The primary's record goes on saying Alone until the other node has confirmed.</summary>
    AloneWhilePairing = 1 << 1,

    /// <summary>A secondary that takes over forgets what it has received and not applied.</summary>
    PromoteWithoutApplying = 1 << 2,

    /// <summary>The primary tells the application that the other node has it when it has only been sent.</summary>
    AcknowledgeWhenSent = 1 << 3,

    /// <summary>What changes while everything is compared is not sent.</summary>
    SurveyMissesWrites = 1 << 4,

    /// <summary>A node that leaves says at which operation, although it has not applied what it received.</summary>
    PositionOfAnyLeave = 1 << 5,

    /// <summary>A node that has lost its memory in a crash is taken for one that goes on where the connection was lost.</summary>
    TrustCrashedFollower = 1 << 6,

    /// <summary>Some changes are not marked as such since the other node's last checkpoint.</summary>
    ForgetMarks = 1 << 7,

    /// <summary>A secondary writes a checkpoint down before everything up to it is on its disk.</summary>
    CheckpointBeforeDurable = 1 << 8,

    /// <summary>A primary marks on its disk what it changes, but only after the change.</summary>
    LogAfterChange = 1 << 9,

    /// <summary>What is marked on the primary's disk is not told to the one that has taken over.</summary>
    KeepOwnMarks = 1 << 10,

    /// <summary>Marks on the primary's disk are forgotten before that disk has everything up to the checkpoint that they end with.</summary>
    SettleWithoutOwn = 1 << 11,

    /// <summary>Marks that are damaged are used as far as they can be read.</summary>
    TrustDamagedLog = 1 << 12,

    /// <summary>A secondary that takes over does not know all that it has changed since the last checkpoints.</summary>
    ForgetAppliedMarks = 1 << 13,

    /// <summary>A secondary that takes over has forgotten what it had changed before a checkpoint that did not count on the primary yet.</summary>
    ForgetOlderMarks = 1 << 14,
}
