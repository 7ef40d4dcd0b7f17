namespace SafeKit.SystemTests.Mirror;

/// <summary>Nothing of a mirror lab survives it: no process of PostgreSQL, no mount over a directory, no file.</summary>
public sealed class MirrorLabTests
{
    [MirrorFact]
    public Task Nothing_is_left_after_Ctrl_C() =>
        LabEnd.LeaveNothingAsync(["mirror", "hold", "--first-start"], machines: 4, "INT", expectedExit: 130, isReady: _ => true);

    [MirrorFact]
    public Task Nothing_is_left_after_kill_9() =>
        LabEnd.LeaveNothingAsync(["mirror", "hold", "--first-start"], machines: 4, "KILL", expectedExit: 128 + 9, isReady: _ => true);
}
