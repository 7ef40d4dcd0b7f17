namespace SafeKit.Mirror.Recording;

/// <summary>
/// What a secondary has changed since the last checkpoints of the primary's stream: if the primary crashes, this node goes on from there, and with
/// what the primary says that it has changed itself it is all that can differ. Of two checkpoints, for the newer one may not count on the
/// primary yet;
/// it counts when the next one is asked for. One thread.
/// </summary>
internal sealed class AppliedMarks
{
    /// <summary>None: nothing is known.</summary>
    public Checkpoint Older { get; private set; }

    public ChangeMarks SinceOlder { get; private set; } = new();

    /// <summary>None: nothing is marked at present.</summary>
    public Checkpoint Newer { get; private set; }

    /// <summary>From the newer checkpoint on; what lies before it is in <see cref="SinceOlder"/>.</summary>
    public ChangeMarks SinceNewer { get; private set; } = new();

    public bool IsActive => !Newer.IsNone;

    /// <summary>Everything was made equal, or will be: nothing before it counts.</summary>
    public void Clear() => (Older, SinceOlder, Newer, SinceNewer) = (default, new(), default, new());

    /// <summary>The primary has asked for a checkpoint: the one before counts there by now.</summary>
    public void Ask(Checkpoint asked)
    {
        if (IsActive)
            (Older, SinceOlder, Newer, SinceNewer) = (Newer, SinceNewer, asked, new());
    }

    /// <summary>A reintegration has ended; the primary may still count from any checkpoint before.</summary>
    public void Paired(Checkpoint end)
    {
        if (Older.IsNone)
        {
            (Older, SinceOlder) = (Newer, SinceNewer);
        }
        else
        {
            SinceNewer.Add(SinceOlder);
            SinceOlder = SinceNewer;
        }

        (Newer, SinceNewer) = (end, new());
    }
}
